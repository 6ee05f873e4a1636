package io.stepwell.engine;

import io.quarkus.runtime.StartupEvent;
import io.stepwell.engine.JournalWriter.Locks;
import io.stepwell.engine.JournalWriter.Written;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.SqlTrouble;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * it. While the database is away all of them wait; while another session holds one of them up, only
 * those of its execution do. Thread-safe.
 */
@ApplicationScoped
class Journal {
  private static final Logger LOG = Logger.getLogger(Journal.class);
  private static final long RETRY_MILLIS = 200;
  private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  // so many executions in a row that fail alike: trying the next one would tell nothing new
  private static final int SAME_FOR_ALL = 3;

  private final JournalWriter writer;
  private final ExecutionChanges changes;
  private final EngineConfig config;
  private final EngineMetrics metrics;
  private final RunningExecutions running;

  private final Loop loop = Loop.essential("journal", this::turn);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition halted = lock.newCondition();
  private final ArrayDeque<JournalEntry> queue = new ArrayDeque<>();
  // of an execution the last one, the oldest first
  private final LinkedHashMap<UUID, JournalEntry> notes = new LinkedHashMap<>();
  // only the writer's thread touches these: what waits, and leases that are to be fenced, by token
  private final SetAside aside = new SetAside();
  private final Map<UUID, JournalEntry> condemned = new LinkedHashMap<>();
  private long fenceTriedAt;
  private int eager;
  private boolean hurried;

  Journal(
      JournalWriter writer,
      ExecutionChanges changes,
      EngineConfig config,
      EngineMetrics metrics,
      RunningExecutions running) {
    this.running = running;
    this.writer = writer;
    this.changes = changes;
    this.config = config;
    this.metrics = metrics;
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  /** Writes what is still there, then ends. The engine has stopped before. */
  @PreDestroy
  void stop() throws InterruptedException {
    loop.stop(this::wake, config.drainGrace());
  }

  private void wake() {
    lock.lock();
    try {
      arrived.signalAll();
      halted.signalAll();
    } finally {
      lock.unlock();
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

  private boolean turn() throws InterruptedException {
    // race: what is handed over before a stop is written, so the last turn is one that finds
    // nothing
    boolean stopping = loop.isStopping();
    List<JournalEntry> batch = take();
    write(batch);
    tryAgain();
    return !stopping || !batch.isEmpty();
  }

  /**
   * What has gathered, as much as one transaction should carry; empty when something else is due.
   */
  private List<JournalEntry> take() throws InterruptedException {
    lock.lock();
    try {
      while (eager == 0 && !loop.isStopping() && (queue.isEmpty() || !hurried)) {
        long pause = Math.min(linger(queue.peekFirst()), linger(firstNote()));
        pause = Math.min(pause, Math.min(aside.untilNext(), untilNextFence()));
        if (pause <= 0) {
          break;
        }
        hurried = false;
        loop.turning();
        arrived.awaitNanos(Math.min(pause, LONGEST_WAIT_NANOS));
      }
      List<JournalEntry> batch = new ArrayList<>();
      long bytes = 0;
      while (!queue.isEmpty() && fits(batch, bytes + queue.getFirst().bytes())) {
        JournalEntry entry = queue.removeFirst();
        if (!entry.lazy()) {
          eager--;
        }
        bytes += entry.bytes();
        batch.add(entry);
      }
      // after the entries: what an execution did before comes first
      while (!notes.isEmpty()
          && queue.isEmpty()
          && fits(batch, bytes)
          && (loop.isStopping() || linger(firstNote()) <= 0)) {
        batch.add(notes.pollFirstEntry().getValue());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(List<JournalEntry> batch, long bytes) {
    return batch.isEmpty()
        || (batch.size() < config.journalBatch() && bytes <= config.journalBytes());
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
    List<JournalEntry> free = new ArrayList<>();
    for (JournalEntry entry : batch) {
      if (condemned.containsKey(entry.token())) {
        entry.written().completeExceptionally(new IllegalStateException("the lease is condemned"));
      } else if (aside.holds(entry.executionId())) {
        aside.add(entry);
      } else {
        free.add(entry);
      }
    }
    if (!free.isEmpty()) {
      writeTogether(free);
    }
  }

  private void writeTogether(List<JournalEntry> batch) throws InterruptedException {
    Locks locks = Locks.EXPECT_NONE;
    while (true) {
      try {
        commit(batch, locks).forEach(aside::add);
        return;
      } catch (SQLException | RuntimeException e) {
        // whatever it is, the writer must live: every execution of this replica depends on it
        SqlTrouble trouble = SqlTrouble.of(e);
        if (trouble == SqlTrouble.AWAY) {
          LOG.warnf("the journal cannot write, trying again: %s", e.getMessage());
          metrics.commitRetried();
          loop.turning();
          pause();
        } else if (trouble == SqlTrouble.LOCK && locks == Locks.EXPECT_NONE) {
          locks = Locks.EXPECT_SOME;
        } else {
          LOG.debugf("a batch of %d cannot be written at once: %s", batch.size(), e.getMessage());
          writeApart(batch);
          return;
        }
      }
    }
  }

  /** One bad row, or one lock, fails its whole batch: the others must not wait for it. */
  private void writeApart(List<JournalEntry> batch) {
    Map<UUID, List<JournalEntry>> byExecution = new LinkedHashMap<>();
    for (JournalEntry entry : batch) {
      byExecution.computeIfAbsent(entry.executionId(), id -> new ArrayList<>()).add(entry);
    }
    int failed = 0;
    for (List<JournalEntry> those : byExecution.values()) {
      // when all of them fail it is not theirs, and trying every one of them takes long
      List<JournalEntry> left = failed < SAME_FOR_ALL ? writeOne(those) : those;
      left.forEach(aside::add);
      failed = left.isEmpty() ? 0 : failed + 1;
    }
  }

  /** Writes records of one execution; returns those that cannot be written now. */
  private List<JournalEntry> writeOne(List<JournalEntry> those) {
    try {
      return commit(those, Locks.EXPECT_SOME);
    } catch (SQLException | RuntimeException e) {
      if (SqlTrouble.of(e) != SqlTrouble.ROW) {
        LOG.warnf(
            "the journal cannot write records of %s, trying again: %s",
            those.getFirst().executionId(), e.getMessage());
        metrics.commitRetried();
        return those;
      }
      if (those.size() == 1) {
        refuse(those.getFirst(), e);
        return List.of();
      }
      return writeInTurn(those);
    }
  }

  /** One of them is refused: what came before it is written, what follows is refused with it. */
  private List<JournalEntry> writeInTurn(List<JournalEntry> those) {
    for (int i = 0; i < those.size(); i++) {
      JournalEntry entry = those.get(i);
      if (condemned.containsKey(entry.token())) {
        entry.written().completeExceptionally(new IllegalStateException("the lease is condemned"));
      } else if (!writeOne(List.of(entry)).isEmpty()) {
        return those.subList(i, those.size());
      }
    }
    return List.of();
  }

  /** Returns those that another session holds up. */
  private List<JournalEntry> commit(List<JournalEntry> batch, Locks locks) throws SQLException {
    long began = System.nanoTime();
    Written written = writer.write(batch, locks);
    metrics.committed(began, batch.size() - written.locked().size(), written.lost().size());
    settle(batch, written);
    return List.copyOf(batch.stream().filter(entry -> written.locked().contains(entry)).toList());
  }

  /**
   * What follows it must not become durable without it: the lease that it belongs to ends, here at
   * once, and in the database as soon as that can be written.
   */
  private void refuse(JournalEntry entry, Exception cause) {
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

  /** How long no fence is to be tried again, in nanoseconds. */
  private long untilNextFence() {
    return condemned.isEmpty()
        ? Long.MAX_VALUE
        : TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS) - (System.nanoTime() - fenceTriedAt);
  }

  /** What could not be written before. */
  private void tryAgain() {
    if (untilNextFence() <= 0) {
      condemned.values().removeIf(this::fenced);
    }
    aside.due().forEach((execution, those) -> aside.tried(execution, writeOne(those)));
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

  private void settle(List<JournalEntry> batch, Written written) {
    Set<UUID> changed = new HashSet<>();
    boolean released = false;
    for (JournalEntry entry : batch) {
      if (written.locked().contains(entry)) {
        continue;
      }
      if (written.unfinished().contains(entry)) {
        refuse(entry, new IllegalStateException("a step of the execution is still RUNNING"));
        continue;
      }
      boolean durable = !written.lost().contains(entry);
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
