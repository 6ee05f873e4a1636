package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.execution.StepStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a step that has begun or was skipped.
 *
 * @param attempts begun so far
 * @param output {@code null} as well when it is not kept in memory
 * @param outputBytes of its JSON text, 0 when there is none
 * @param pause why it holds no thread, {@code null} when it ended or its attempt was cut short
 * @param resumeAt when a timer or a backoff is over, by the database's clock
 * @param signal what ended its wait: {@code {"output": …}} or {@code {"error": …}}
 */
record StepResult(
    StepStatus status,
    int attempts,
    @Nullable JsonNode output,
    int outputBytes,
    @Nullable JsonNode error,
    @Nullable Instant startedAt,
    @Nullable Pause pause,
    @Nullable Instant resumeAt,
    @Nullable JsonNode signal) {

  static StepResult ended(
      StepStatus status, int attempts, @Nullable JsonNode output, @Nullable JsonNode error) {
    return new StepResult(status, attempts, output, 0, error, null, null, null, null);
  }

  /** The same with another output in memory. */
  StepResult with(@Nullable JsonNode inMemory, int bytes) {
    return new StepResult(
        status, attempts, inMemory, bytes, error, startedAt, pause, resumeAt, signal);
  }
}
