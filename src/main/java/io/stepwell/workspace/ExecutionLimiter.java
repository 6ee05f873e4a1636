package io.stepwell.workspace;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.stepwell.kernel.Failure;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Bounds how fast one workspace may start executions on this replica. Thread-safe. */
@Singleton
public class ExecutionLimiter {
  private final ConcurrentHashMap<UUID, Bucket> buckets = new ConcurrentHashMap<>();
  private final LimitsConfig config;

  ExecutionLimiter(LimitsConfig config) {
    if (config.executionsPerSecond() < 1 || config.executionsBurst() < 1) {
      throw new IllegalArgumentException("stepwell.limits.executions-* have to be at least 1");
    }
    this.config = config;
  }

  /**
   * Takes one execution from what the workspace may still start.
   *
   * @throws Failure {@code rate_limited} when nothing is left
   */
  public void acquire(UUID workspaceId) {
    ConsumptionProbe probe =
        buckets.computeIfAbsent(workspaceId, id -> full()).tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      throw Failure.limited(
          "rate_limited",
          "The workspace starts more than "
              + config.executionsPerSecond()
              + " executions a second.",
          Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    buckets.remove(deleted.workspaceId());
  }

  private Bucket full() {
    return Bucket.builder()
        .addLimit(limit ->
            limit
                .capacity(config.executionsBurst())
                .refillGreedy(config.executionsPerSecond(), Duration.ofSeconds(1)))
        .build();
  }
}
