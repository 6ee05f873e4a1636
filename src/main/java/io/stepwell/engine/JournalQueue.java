package io.stepwell.engine;

import io.stepwell.kernel.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What was handed over to the journal and is not taken yet. Thread-safe; one thread takes and
 * pauses, the one of the loop.
 */
final class JournalQueue {
  private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final EngineConfig config;
  private final Loop loop;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition halted = lock.newCondition();
  private final ArrayDeque<JournalEntry> queue = new ArrayDeque<>();
  // of an execution the last one, the oldest first
  private final LinkedHashMap<UUID, JournalEntry> notes = new LinkedHashMap<>();
  private int eager;
  private boolean hurried;

  JournalQueue(EngineConfig config, Loop loop) {
    this.config = config;
    this.loop = loop;
  }

  /** See {@link Journal#append}. */
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

  /** See {@link Journal#note}. */
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

  /** See {@link Journal#hurry}. */
  void hurry() {
    lock.lock();
    try {
      hurried = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the wait of whoever takes or pauses. */
  void wake() {
    lock.lock();
    try {
      arrived.signalAll();
      halted.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What has gathered, as much as one transaction should carry; empty when something else is due.
   *
   * @param untilOther for how long nothing else is due, in nanoseconds
   */
  List<JournalEntry> take(LongSupplier untilOther) throws InterruptedException {
    lock.lock();
    try {
      while (eager == 0 && !loop.isStopping() && (queue.isEmpty() || !hurried)) {
        long pause = Math.min(linger(queue.peekFirst()), linger(firstNote()));
        pause = Math.min(pause, untilOther.getAsLong());
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

  /** Waits for this long, whatever arrives; only {@link #wake} ends it. */
  @SuppressWarnings("WaitNotInLoop") // waking early only tries again early
  void pause(Duration duration) throws InterruptedException {
    lock.lock();
    try {
      halted.await(duration.toNanos(), TimeUnit.NANOSECONDS);
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
}
