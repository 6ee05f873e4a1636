package io.stepwell.kernel;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lets as much work for tenants that takes a processor for long (evaluating expressions and
 * schemas, reading large documents) go on at once as leaves one to everything else. Of what waits,
 * that whose workspace has used the least time lately goes first: whatever one workspace does,
 * another one's turn comes after a slice of it, or a document. Thread-safe.
 */
public final class Turns {
  /** So long one evaluation goes on while others wait; then it waits for its next turn. */
  public static final long SLICE_NANOS = 10_000_000L;

  private static final long HALVED_EVERY = TimeUnit.SECONDS.toNanos(1);
  private static final long FORGOTTEN_BELOW = TimeUnit.MICROSECONDS.toNanos(100);

  /** Keeps what one workspace evaluates from taking every processor. For one thread at a time. */
  public interface Turn {
    /** For what nobody else wrote. */
    Turn ALWAYS =
        new Turn() {
          @Override
          public void take() {}

          @Override
          public void pass() {}
        };

    /** Waits until an evaluation may go on. */
    void take() throws InterruptedException;

    /** The evaluation is over, waits for something else, or lets others go first. */
    void pass();
  }

  /** One that waits. */
  private record Waiting(UUID workspaceId, Condition called) {}

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  // by workspace, in nanoseconds; halved as time goes by
  private final Map<UUID, Long> used = new HashMap<>();
  private int free;
  private long halved;

  public Turns() {
    this(Math.max(1, Runtime.getRuntime().availableProcessors() - 1), System::nanoTime);
  }

  Turns(int atOnce, LongSupplier nanoTime) {
    this.free = atOnce;
    this.nanoTime = nanoTime;
    this.halved = nanoTime.getAsLong();
  }

  /** The turns of one thing that a workspace has evaluated. */
  public Turn of(UUID workspaceId) {
    return new Turn() {
      private long since;

      @Override
      public void take() throws InterruptedException {
        await(workspaceId);
        since = nanoTime.getAsLong();
      }

      @Override
      public void pass() {
        Turns.this.pass(workspaceId, nanoTime.getAsLong() - since);
      }
    };
  }

  /** Does one piece of work when it is its workspace's turn. */
  public <T> T within(UUID workspaceId, Supplier<T> work) {
    Turn turn = of(workspaceId);
    try {
      turn.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited for its turn", e);
    }
    try {
      return work.get();
    } finally {
      turn.pass();
    }
  }

  private void await(UUID workspaceId) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (free > 0) {
        free--;
        return;
      }
      Waiting own = new Waiting(workspaceId, lock.newCondition());
      waiting.add(own);
      try {
        while (waiting.contains(own)) {
          own.called().await();
        }
      } catch (InterruptedException e) {
        if (!waiting.remove(own)) {
          // race: it was called just before
          callNext();
        }
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void pass(UUID workspaceId, long nanos) {
    lock.lock();
    try {
      forget();
      used.merge(workspaceId, nanos, Long::sum);
      callNext();
    } finally {
      lock.unlock();
    }
  }

  private void callNext() {
    // of equals the first that came
    Optional<Waiting> next =
        waiting.stream().min(Comparator.comparing(w -> used.getOrDefault(w.workspaceId(), 0L)));
    if (next.isEmpty()) {
      free++;
      return;
    }
    waiting.remove(next.get());
    next.get().called().signal();
  }

  private void forget() {
    long now = nanoTime.getAsLong();
    if (now - halved > HALVED_EVERY) {
      halved = now;
      used.replaceAll((workspace, nanos) -> nanos / 2);
      used.values().removeIf(nanos -> nanos < FORGOTTEN_BELOW);
    }
  }

  /** How many wait. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
