package io.stepwell.engine;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Leases that end since the database never takes a record of theirs: what follows it must not
 * become durable without it. Not thread-safe.
 */
final class CondemnedLeases {
  private static final Logger LOG = Logger.getLogger(CondemnedLeases.class);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final JournalWriter writer;
  private final RunningExecutions running;
  private final EngineMetrics metrics;
  // those that could not be fenced yet, by token
  private final Map<UUID, JournalEntry> condemned = new LinkedHashMap<>();
  private long fenceTriedAt;

  CondemnedLeases(JournalWriter writer, RunningExecutions running, EngineMetrics metrics) {
    this.writer = writer;
    this.running = running;
    this.metrics = metrics;
  }

  /** Ends the lease of a record, here at once, and in the database as soon as it can be written. */
  void refuse(JournalEntry entry, Exception cause) {
    LOG.errorf(cause, "the journal cannot write a record of %s", entry.executionId());
    metrics.entryRefused();
    running
        .find(entry.executionId())
        .filter(lease -> lease.token().equals(entry.token()))
        .ifPresent(Lease::end);
    if (!fenced(entry)) {
      condemned.put(entry.token(), entry);
    }
    entry.written().completeExceptionally(cause);
  }

  /** Whether its lease is condemned: then it is refused, too. */
  boolean refuses(JournalEntry entry) {
    if (!condemned.containsKey(entry.token())) {
      return false;
    }
    entry.written().completeExceptionally(new IllegalStateException("the lease is condemned"));
    return true;
  }

  /** How long no fence is to be tried again, in nanoseconds. */
  long untilNext() {
    return condemned.isEmpty() ? Long.MAX_VALUE : RETRY_NANOS - (System.nanoTime() - fenceTriedAt);
  }

  void tryAgain() {
    if (untilNext() <= 0) {
      condemned.values().removeIf(this::fenced);
    }
  }

  private boolean fenced(JournalEntry entry) {
    fenceTriedAt = System.nanoTime();
    try {
      return writer.fence(entry);
    } catch (SQLException e) {
      LOG.warnf(
          "cannot end the claim of %s, trying again: %s", entry.executionId(), e.getMessage());
      return false;
    }
  }
}
