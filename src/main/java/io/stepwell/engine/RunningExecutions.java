package io.stepwell.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The executions that run on this replica, and the slots that are left. Thread-safe. */
@ApplicationScoped
class RunningExecutions {
  private final Map<UUID, Lease> leases = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final int slots;

  RunningExecutions(EngineConfig config, MeterRegistry metrics) {
    this.slots = config.slots();
    metrics.gaugeMapSize("stepwell.engine.running", List.of(), leases);
    Gauge.builder("stepwell.engine.slots", this, here -> here.slots).register(metrics);
  }

  void add(Lease lease) {
    leases.put(lease.executionId(), lease);
  }

  void remove(Lease lease) {
    leases.remove(lease.executionId(), lease);
    lock.lock();
    try {
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int freeSlots() {
    return Math.max(0, slots - leases.size());
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
