package io.stepwell.inbox;

import io.stepwell.execution.ExecutionBelongings;
import java.util.List;

/** What the inbox keeps of executions, for tests of another room. */
public final class InboxRows {
  private InboxRows() {}

  public static List<ExecutionBelongings> all() {
    return List.of(InboxOfExecutions.notifications(), InboxOfExecutions.tasks());
  }
}
