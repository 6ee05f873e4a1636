package io.stepwell.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.stepwell.kernel.FairBudget;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The executions that run on this replica, and the slots that are left.
 *
 * <p>A slot is taken first, for a workspace that may have one more, and then holds the lease of one
 * execution. Thread-safe.
 */
@ApplicationScoped
class RunningExecutions {
  private final Map<UUID, Lease> leases = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final FairBudget slots;

  RunningExecutions(EngineConfig config, MeterRegistry metrics) {
    this.slots = new FairBudget(config.slots(), config.workspaceShare());
    metrics.gaugeMapSize("stepwell.engine.running", List.of(), leases);
    Gauge.builder("stepwell.engine.slots", slots, FairBudget::total).register(metrics);
  }

  /** Takes a slot for one execution of the workspace, where it may have one more. */
  boolean takeSlot(UUID workspaceId) {
    return slots.take(workspaceId, 1);
  }

  /** Gives back a slot that got no lease. */
  void returnSlot(UUID workspaceId) {
    slots.give(workspaceId, 1);
  }

  /** The same, and tells those who wait for one. */
  void freeSlot(UUID workspaceId) {
    returnSlot(workspaceId);
    listeners.forEach(Runnable::run);
  }

  /** Fills a slot that was taken before. */
  void add(Lease lease) {
    @Nullable Lease replaced = leases.put(lease.executionId(), lease);
    if (replaced != null) {
      // race: another replica had it meanwhile, and what runs here has not noticed yet
      replaced.end();
    }
  }

  /** Frees the slot of a lease. */
  void remove(Lease lease) {
    leases.remove(lease.executionId(), lease);
    freeSlot(lease.workspaceId());
    lock.lock();
    try {
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Calls {@code listener} each time that a slot becomes free; it must not block. */
  void onFreeSlot(Runnable listener) {
    listeners.add(listener);
  }

  int freeSlots() {
    return (int) slots.free();
  }

  Collection<Lease> all() {
    return List.copyOf(leases.values());
  }

  Optional<Lease> find(UUID executionId) {
    return Optional.ofNullable(leases.get(executionId));
  }

  /** Waits until nothing runs any more; {@code false} when the time is over. */
  boolean awaitNone(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (!leases.isEmpty()) {
        if (nanos <= 0) {
          return false;
        }
        // the map changes outside the lock: look again after a while, told or not
        long turn = Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(50));
        nanos -= turn - Math.max(0, left.awaitNanos(turn));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
