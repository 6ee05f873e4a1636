package io.stepwell.engine;

import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes what the runners do durable: one writer drains what has gathered into one transaction.
 *
 * <p>Under load a commit carries hundreds of steps; idle, an entry waits only for its own. An entry
 * is written, or dropped because its lease is lost, or refused because the database will never take
 * it; while the database is away it waits. Thread-safe.
 */
@ApplicationScoped
class Journal {
  private static final Logger LOG = Logger.getLogger(Journal.class);
  private static final long RETRY_MILLIS = 200;
  // connection trouble, shutdown, resources, serialization, locks, read-only: trying again helps
  private static final Set<String> PASSING = Set.of("08", "57", "53", "40", "55", "25");

  private final JournalWriter writer;
  private final ExecutionChanges changes;
  private final EngineConfig config;
  private final EngineMetrics metrics;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition halted = lock.newCondition();
  private final ArrayDeque<JournalEntry> queue = new ArrayDeque<>();
  // of an execution the last one, the oldest first
  private final LinkedHashMap<UUID, JournalEntry> notes = new LinkedHashMap<>();
  private int eager;
  private boolean hurried;
  private boolean stopping;
  private Thread thread = Thread.currentThread();

  Journal(
      JournalWriter writer, ExecutionChanges changes, EngineConfig config, EngineMetrics metrics) {
    this.writer = writer;
    this.changes = changes;
    this.config = config;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent event) {
    thread = Thread.ofPlatform().name("journal").daemon().start(this::loop);
  }

  /** Writes what is still there, then ends. The engine has stopped before. */
  @PreDestroy
  void stop() throws InterruptedException {
    lock.lock();
    try {
      stopping = true;
      arrived.signalAll();
      halted.signalAll();
    } finally {
      lock.unlock();
    }
    if (thread != Thread.currentThread()) {
      thread.join(config.drainGrace().toMillis());
    }
  }

  /** Hands an entry over; its {@code written} tells what became of it. */
  void append(JournalEntry entry) {
    lock.lock();
    try {
      @Nullable JournalEntry note = notes.remove(entry.executionId());
      if (note != null && !entry.tellsMoreOf(note)) {
        queue.addLast(note);
      }
      queue.addLast(entry);
      if (!entry.lazy()) {
        eager++;
      }
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands over what is true for the moment: that a step runs. It is written after the linger,
   * unless an entry that tells more of the step has come meanwhile, which makes it needless.
   */
  void note(JournalEntry note) {
    lock.lock();
    try {
      // to the end, where the youngest are: one is never followed by another of the same step
      notes.remove(note.executionId());
      notes.put(note.executionId(), note);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody waits for what was appended before, lazy or not. */
  void hurry() {
    lock.lock();
    try {
      hurried = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    try {
      List<JournalEntry> batch = take();
      while (!batch.isEmpty()) {
        write(batch);
        batch = take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything that has gathered; empty when stopping and nothing is left. */
  private List<JournalEntry> take() throws InterruptedException {
    lock.lock();
    try {
      while (eager == 0 && !stopping && (queue.isEmpty() || !hurried)) {
        long linger = Math.min(linger(queue.peekFirst()), linger(firstNote()));
        if (linger <= 0) {
          break;
        }
        hurried = false;
        arrived.awaitNanos(linger);
      }
      List<JournalEntry> batch = new ArrayList<>();
      while (!queue.isEmpty() && batch.size() < config.journalBatch()) {
        JournalEntry entry = queue.removeFirst();
        if (!entry.lazy()) {
          eager--;
        }
        batch.add(entry);
      }
      // after the entries: what an execution did before comes first
      while (!notes.isEmpty()
          && batch.size() < config.journalBatch()
          && (stopping || linger(firstNote()) <= 0)) {
        batch.add(notes.pollFirstEntry().getValue());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable JournalEntry firstNote() {
    return notes.isEmpty() ? null : notes.firstEntry().getValue();
  }

  /** How long it may still wait, in nanoseconds. */
  private long linger(@Nullable JournalEntry entry) {
    return entry == null
        ? Long.MAX_VALUE
        : config.linger().toNanos() - (System.nanoTime() - entry.since());
  }

  private void write(List<JournalEntry> batch) throws InterruptedException {
    while (true) {
      try {
        long began = System.nanoTime();
        Set<JournalEntry> lost = writer.write(batch);
        metrics.committed(began, batch.size(), lost.size());
        settle(batch, lost);
        return;
      } catch (SQLException | RuntimeException e) {
        // whatever it is, the writer must live: every execution of this replica depends on it
        if (passing(e)) {
          LOG.warnf("the journal cannot write, trying again: %s", e.getMessage());
          metrics.commitRetried();
          pause();
        } else if (batch.size() == 1) {
          refuse(batch.getFirst(), e);
          return;
        } else {
          // one bad row fails its whole batch: find it by writing them one by one
          for (JournalEntry entry : batch) {
            write(List.of(entry));
          }
          return;
        }
      }
    }
  }

  /** What follows it must not become durable without it: the claim that it belongs to ends. */
  private void refuse(JournalEntry entry, Exception cause) {
    LOG.errorf(cause, "the journal cannot write a record of %s", entry.executionId());
    metrics.entryRefused();
    try {
      writer.fence(entry);
    } catch (SQLException e) {
      LOG.warnf("cannot end the claim of %s: %s", entry.executionId(), e.getMessage());
    }
    entry.written().completeExceptionally(cause);
  }

  @SuppressWarnings("WaitNotInLoop") // waking early only tries again early
  private void pause() throws InterruptedException {
    lock.lock();
    try {
      halted.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } finally {
      lock.unlock();
    }
  }

  private static boolean passing(Exception e) {
    return e instanceof SQLException sql
        && (sql.getSQLState() == null || PASSING.contains(sql.getSQLState().substring(0, 2)));
  }

  private void settle(List<JournalEntry> batch, Set<JournalEntry> lost) {
    Set<UUID> changed = new HashSet<>();
    boolean released = false;
    for (JournalEntry entry : batch) {
      boolean durable = !lost.contains(entry);
      entry.written().complete(durable);
      if (durable) {
        changed.add(entry.executionId());
        released |= entry.ending().orElse(null) instanceof JournalEntry.Release;
        if (entry.ending().orElse(null) instanceof JournalEntry.Finish end) {
          metrics.finished(end);
        }
      }
    }
    metrics.changed(changed.size());
    changed.forEach(changes::changed);
    if (released) {
      changes.due();
    }
  }
}
