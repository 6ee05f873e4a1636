package io.stepwell.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import io.stepwell.execution.ExecutionStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Counts what the engine of this replica does. No label comes from a request, and no meter is
 * looked up while something runs. Thread-safe.
 */
@Startup // so that a scrape before the first execution names them all
@ApplicationScoped
class EngineMetrics {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30)
  };

  private final Counter completed;
  private final Counter failed;
  private final Counter poisoned;
  private final DistributionSummary claimBatch;
  private final Timer claimLatency;
  private final Counter renewed;
  private final Counter lost;
  private final Counter commits;
  private final Counter entries;
  private final Counter executions;
  private final Counter fenced;
  private final Counter retries;
  private final Counter refused;
  private final Timer commitDuration;

  EngineMetrics(MeterRegistry registry) {
    completed = finished(registry, ExecutionStatus.COMPLETED);
    failed = finished(registry, ExecutionStatus.FAILED);
    poisoned = registry.counter("stepwell.executions.poisoned");
    claimBatch = registry.summary("stepwell.claim.batch");
    claimLatency = timer("stepwell.claim.latency").register(registry);
    renewed = registry.counter("stepwell.leases.renewed");
    lost = registry.counter("stepwell.leases.lost");
    commits = registry.counter("stepwell.journal.commits");
    entries = registry.counter("stepwell.journal.entries");
    executions = registry.counter("stepwell.journal.executions");
    fenced = registry.counter("stepwell.journal.fenced");
    retries = registry.counter("stepwell.journal.retries");
    refused = registry.counter("stepwell.journal.refused");
    commitDuration = timer("stepwell.journal.commit.duration").register(registry);
  }

  /** A timer whose percentiles can be estimated over all replicas. */
  static Timer.Builder timer(String name) {
    return Timer.builder(name).serviceLevelObjectives(BUCKETS);
  }

  private static Counter finished(MeterRegistry registry, ExecutionStatus status) {
    return registry.counter("stepwell.executions.finished", "status", status.name());
  }

  /** A look at the queue brought this many executions. */
  void claimed(int batch) {
    if (batch > 0) {
      claimBatch.record(batch);
    }
  }

  /** A claimed execution had been due for so long. */
  void claimedAfter(Duration due) {
    claimLatency.record(due);
  }

  void renewed(int leases) {
    renewed.increment(leases);
  }

  /** An execution was cancelled, or taken by another replica, while it ran here. */
  void leaseLost() {
    lost.increment();
  }

  void poisoned() {
    poisoned.increment();
  }

  /**
   * A transaction of the journal is committed.
   *
   * @param began when it began, on {@link System#nanoTime}
   * @param dropped entries whose lease was lost
   */
  void committed(long began, int batch, int dropped) {
    commitDuration.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    commits.increment();
    entries.increment(batch);
    fenced.increment(dropped);
  }

  /** This many executions went on with a commit. */
  void changed(int count) {
    executions.increment(count);
  }

  /** The end of an execution is durable. */
  void finished(JournalEntry.Finish end) {
    (end.status() == ExecutionStatus.COMPLETED ? completed : failed).increment();
  }

  void commitRetried() {
    retries.increment();
  }

  void entryRefused() {
    refused.increment();
  }
}
