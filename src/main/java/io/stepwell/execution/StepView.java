package io.stepwell.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of an execution as clients see it.
 *
 * @param index its place in depth-first order, from 0
 * @param path its place in nested lists, such as {@code 2.then.0}
 * @param durationMs from its start to its end, {@code null} while it has not ended
 * @param outputTruncated {@code true} where the output was left out for its size, else absent
 */
public record StepView(
    int index,
    String path,
    String name,
    String type,
    StepStatus status,
    int attempts,
    @Nullable JsonNode output,
    @Nullable JsonNode error,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Long durationMs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean outputTruncated) {

  static StepView pending(Action action) {
    return new StepView(
        action.index(),
        action.path(),
        action.name(),
        action.type(),
        StepStatus.PENDING,
        0,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  static StepView of(Action action, StepRow row) {
    return new StepView(
        action.index(),
        action.path(),
        action.name(),
        action.type(),
        row.status(),
        row.attempts(),
        row.output() == null ? null : Json.asItIs(row.output()),
        row.error() == null ? null : Json.read(row.error()),
        row.startedAt(),
        row.finishedAt(),
        row.startedAt() == null || row.finishedAt() == null
            ? null
            : Math.max(0, Duration.between(row.startedAt(), row.finishedAt()).toMillis()),
        row.leftOutBytes() > 0 ? true : null);
  }
}
