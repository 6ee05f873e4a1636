package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Turns.Turn;
import java.util.List;

/** What the trigger data of a workflow must satisfy. */
public interface TriggerSchema {
  /** Every violation, with pointers into a request body whose member is {@code triggerData}. */
  List<Problem> violations(JsonNode triggerData, Turn turn);
}
