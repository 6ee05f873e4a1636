package io.stepwell.execution;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When an execution was created, started and finished.
 *
 * @param queuedMs from creation to the start, {@code null} before it started
 * @param durationMs from the start to the end, or until now; {@code null} before it started
 */
public record Timing(
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Long queuedMs,
    @Nullable Long durationMs) {

  static Timing of(
      Instant createdAt, @Nullable Instant startedAt, @Nullable Instant finishedAt, Instant now) {
    if (startedAt == null) {
      return new Timing(createdAt, null, finishedAt, null, null);
    }
    return new Timing(
        createdAt,
        startedAt,
        finishedAt,
        millisBetween(createdAt, startedAt),
        millisBetween(startedAt, finishedAt == null ? now : finishedAt));
  }

  /** Never negative: creation is timed by the replica, the start by the database. */
  private static long millisBetween(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis());
  }
}
