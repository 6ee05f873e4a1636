package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells those who wait within this process that an execution changed, or that one became due.
 *
 * <p>It carries no data: who is told looks into the database. Losing a word of it may cost latency
 * and nothing else. Thread-safe.
 */
@ApplicationScoped
public class ExecutionChanges {
  private final Map<UUID, List<Watch>> watches = new ConcurrentHashMap<>();
  private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> dispatchers = new CopyOnWriteArrayList<>();

  /** Somebody who waits for changes of one execution. */
  public final class Watch implements AutoCloseable {
    private final UUID executionId;
    // one permit at most: changes that nobody has looked at yet are one
    private final Semaphore changed = new Semaphore(0);

    private Watch(UUID executionId) {
      this.executionId = executionId;
    }

    /** Waits for a change since the last call; {@code false} when the time is over without one. */
    public boolean await(Duration atMost) throws InterruptedException {
      boolean told = changed.tryAcquire(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
      // race: a change that came just after the time was over is told as well
      int more = changed.drainPermits();
      return told || more > 0;
    }

    /** Ends a wait, as if the execution had changed. */
    public void tell() {
      if (changed.availablePermits() == 0) {
        changed.release();
      }
    }

    @Override
    public void close() {
      watches.computeIfPresent(
          executionId,
          (id, list) -> {
            list.remove(this);
            return list.isEmpty() ? null : list;
          });
    }
  }

  /** Begins to watch. Look at the execution after this call, not before, and nothing is missed. */
  public Watch watch(UUID executionId) {
    Watch watch = new Watch(executionId);
    watches.compute(
        executionId,
        (id, list) -> {
          List<Watch> watchers = list == null ? new CopyOnWriteArrayList<>() : list;
          watchers.add(watch);
          return watchers;
        });
    return watch;
  }

  /** The executions that somebody watches here. */
  public List<UUID> watched() {
    return List.copyOf(watches.keySet());
  }

  /** Says that a committed transaction changed the execution. */
  public void changed(UUID executionId) {
    listeners.forEach(listener -> listener.accept(executionId));
    tellWatches(executionId);
  }

  /** Says to watchers only that another replica changed the execution. */
  void tellWatches(UUID executionId) {
    watches.getOrDefault(executionId, List.of()).forEach(Watch::tell);
  }

  /** Says that an execution became due. */
  public void due() {
    dispatchers.forEach(Runnable::run);
  }

  /** Calls {@code listener} at every change made in this process; it must not block. */
  public void onChange(Consumer<UUID> listener) {
    listeners.add(listener);
  }

  /** Calls {@code dispatcher} when an execution became due; it must not block. */
  public void onDue(Runnable dispatcher) {
    dispatchers.add(dispatcher);
  }
}
