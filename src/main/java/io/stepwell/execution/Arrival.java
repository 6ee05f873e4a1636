package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An execution that a request waits for.
 *
 * @param current whether its version must be the workflow's current one
 * @param slot where it starts as soon as it is stored
 * @param stored whether it was stored
 */
record Arrival(
    ExecutionEntity execution,
    JsonNode triggerData,
    boolean current,
    Optional<ImmediateStart.Slot> slot,
    CompletableFuture<Boolean> stored) {

  /** About what it weighs: one byte a character, as most JSON texts have it. */
  int bytes() {
    return execution.triggerData.length();
  }

  Arrival with(Optional<ImmediateStart.Slot> taken) {
    return new Arrival(execution, triggerData, current, taken, stored);
  }
}
