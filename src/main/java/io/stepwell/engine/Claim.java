package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.TraceParent;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution that this replica has taken.
 *
 * @param token fences every write: it matches no row once somebody else has the execution
 * @param claims how often it was claimed without progress, this time included
 * @param change the last change number that was given to one of its steps
 * @param startedAt of the execution, by the database's clock
 * @param fresh whether it starts with this claim
 * @param trace of the request that started it, {@code null} when it has one of its own
 * @param results of the steps so far, by path
 */
record Claim(
    UUID executionId,
    UUID token,
    UUID workspaceId,
    UUID workflowId,
    int workflowVersion,
    JsonNode triggerData,
    String userId,
    int claims,
    int change,
    Instant startedAt,
    boolean fresh,
    @Nullable TraceParent trace,
    Map<String, StepResult> results) {

  /** The same, knowing that one of its steps has been given this change number. */
  Claim changedUpTo(int number) {
    return number <= change
        ? this
        : new Claim(
            executionId,
            token,
            workspaceId,
            workflowId,
            workflowVersion,
            triggerData,
            userId,
            claims,
            number,
            startedAt,
            fresh,
            trace,
            results);
  }
}
