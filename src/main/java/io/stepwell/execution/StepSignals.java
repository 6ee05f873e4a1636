package io.stepwell.execution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;

/** Ends the waiting of a step, within the transaction of whoever does it. */
public interface StepSignals {
  /**
   * @param signal {@code {"output": …}} or {@code {"error": {"code", "message"}}}
   */
  void signal(UUID workspaceId, UUID executionId, String stepPath, ObjectNode signal);
}
