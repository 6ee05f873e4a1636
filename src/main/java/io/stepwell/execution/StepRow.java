package io.stepwell.execution;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code step_run} as queries see it; the journal and cancellation write it.
 *
 * @param change the number of its last change
 * @param output JSON, {@code null} where there is none and where it was not read
 * @param leftOutBytes of an output that was not read because of its size, else 0
 * @param bytes of output and error, whether they were read or not
 * @param error JSON, {@code null} where there is none and where it was not read
 */
record StepRow(
    String path,
    StepStatus status,
    int attempts,
    int change,
    @Nullable String output,
    long leftOutBytes,
    long bytes,
    @Nullable String error,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  StepRow withoutDocuments() {
    return new StepRow(path, status, attempts, change, null, 0, 0, null, startedAt, finishedAt);
  }
}
