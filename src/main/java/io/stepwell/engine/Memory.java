package io.stepwell.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The part of the heap that the data of all running executions may take, in bytes by estimate, and
 * half of it that of one workspace. What is larger still gets it, when nothing else is taken.
 * Thread-safe.
 */
@ApplicationScoped
class Memory {
  private final long most;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition released = lock.newCondition();
  private final Map<UUID, Long> byWorkspace = new HashMap<>();
  private long held;

  @Inject
  Memory(EngineConfig config, MeterRegistry metrics) {
    this(
        config
            .memory()
            .map(size -> size.asLongValue())
            .orElseGet(() -> Runtime.getRuntime().maxMemory() / 4));
    Gauge.builder("stepwell.engine.memory", this, Memory::held).baseUnit("bytes").register(metrics);
  }

  Memory(long most) {
    this.most = most;
  }

  /** Takes so much if it is free. */
  boolean tryTake(UUID workspaceId, long bytes) {
    lock.lock();
    try {
      if (!fits(workspaceId, bytes)) {
        return false;
      }
      add(workspaceId, bytes);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes so much as soon as it is free; {@code false} when it is not in time. */
  boolean take(UUID workspaceId, long bytes, Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!fits(workspaceId, bytes)) {
        if (nanos <= 0) {
          return false;
        }
        nanos = released.awaitNanos(nanos);
      }
      add(workspaceId, bytes);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes so much, free or not. */
  void takeAnyway(UUID workspaceId, long bytes) {
    lock.lock();
    try {
      add(workspaceId, bytes);
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(UUID workspaceId, long bytes) {
    long own = byWorkspace.getOrDefault(workspaceId, 0L);
    return (held == 0 || held + bytes <= most) && (own == 0 || own + bytes <= share());
  }

  private void add(UUID workspaceId, long bytes) {
    held += bytes;
    byWorkspace.merge(workspaceId, bytes, Memory::sum);
  }

  private static @Nullable Long sum(Long before, Long more) {
    return before + more == 0 ? null : Long.valueOf(before + more);
  }

  void release(UUID workspaceId, long bytes) {
    if (bytes == 0) {
      return;
    }
    lock.lock();
    try {
      add(workspaceId, -bytes);
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long held() {
    lock.lock();
    try {
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** What one workspace may have of it. */
  long share() {
    return most / 2;
  }

  long most() {
    return most;
  }
}
