package io.stepwell.engine;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.ObserverMethod;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Claims due executions for the free slots and starts a virtual thread for each, until the replica
 * stops; then lets them finish within the grace and gives the rest back.
 */
@ApplicationScoped
class Dispatcher {
  private static final Logger LOG = Logger.getLogger(Dispatcher.class);
  private static final int MAX_CLAIM = 128;

  /** After everything that need not outlive the running steps, which has no priority of its own. */
  static final int STOPS_AT = ObserverMethod.DEFAULT_PRIORITY + 100;

  private final ClaimQueue queue;
  private final RunningExecutions running;
  private final ExecutionRunner runner;
  private final EngineConfig config;
  private final DatabaseClock clock;
  // one permit at most: several nudges before the next look are one
  private final Semaphore nudged = new Semaphore(0);
  // of those that run here; they never run beside each other
  private final AtomicInteger suspects = new AtomicInteger();
  private volatile boolean stopping;
  private Thread thread = Thread.currentThread();

  Dispatcher(
      ClaimQueue queue,
      RunningExecutions running,
      ExecutionRunner runner,
      EngineConfig config,
      DatabaseClock clock,
      ExecutionChanges changes) {
    this.queue = queue;
    this.running = running;
    this.runner = runner;
    this.config = config;
    this.clock = clock;
    changes.onDue(this::nudge);
  }

  void start(@Observes StartupEvent event) {
    thread = Thread.ofVirtual().name("dispatcher").start(this::loop);
  }

  /**
   * Looks at the queue soon. Never lost: a nudge between a look and the next wait ends that wait.
   */
  void nudge() {
    if (nudged.availablePermits() == 0) {
      nudged.release();
    }
  }

  private void loop() {
    try {
      while (!stopping) {
        Duration pause = config.poll();
        try {
          pause = dispatch();
        } catch (SQLException | RuntimeException e) {
          // the loop outlives a lost database: what is due stays due
          LOG.warnf("cannot claim executions, trying again: %s", e.getMessage());
        }
        nudged.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        nudged.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Claims as much as there is room for, and says how long nothing more will be due. */
  private Duration dispatch() throws SQLException {
    int room = Math.min(MAX_CLAIM, running.freeSlots());
    if (room == 0) {
      // whoever leaves a slot nudges
      return config.poll();
    }
    ClaimQueue.Found found = suspects.get() == 0 ? queue.claim(room) : queue.claimUnsuspected(room);
    for (Claim claim : found.claims()) {
      Lease lease = new Lease(claim.executionId(), claim.token());
      running.add(lease);
      if (queue.isSuspect(claim)) {
        suspects.incrementAndGet();
      }
      Thread.ofVirtual().name("execution-" + claim.executionId()).start(() -> run(claim, lease));
    }
    if (found.claims().size() == room) {
      return Duration.ZERO;
    }
    Duration untilNext =
        found
            .nextDue()
            .map(next -> Duration.between(clock.now(), next))
            .filter(wait -> wait.compareTo(config.poll()) < 0)
            .orElseGet(this::poll);
    return untilNext.isNegative() ? Duration.ofMillis(1) : untilNext.plusMillis(1);
  }

  /** A little more than configured, by chance: replicas that start together look apart. */
  private Duration poll() {
    long nanos = config.poll().toNanos();
    return Duration.ofNanos(nanos + ThreadLocalRandom.current().nextLong(nanos / 10 + 1));
  }

  private void run(Claim claim, Lease lease) {
    try {
      runner.run(claim, lease);
    } finally {
      boolean full = running.freeSlots() == 0;
      running.remove(lease);
      if (queue.isSuspect(claim)) {
        suspects.decrementAndGet();
      }
      if (full) {
        nudge();
      }
    }
  }

  /** The replica is about to stop: what is due is for the others. */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    stopping = true;
    nudge();
  }

  /** No new claims; what runs may finish within the grace; the rest is given back at once. */
  void stop(@Observes @Priority(STOPS_AT) ShutdownEvent event) throws InterruptedException {
    stopping = true;
    nudge();
    if (thread != Thread.currentThread()) {
      // race: what a claim in flight still brings is waited for and given back like the rest
      thread.join(config.drainGrace());
    }
    if (running.awaitNone(config.drainGrace())) {
      return;
    }
    Collection<Lease> rest = running.all();
    LOG.infof("giving %d executions back that did not finish within the grace", rest.size());
    rest.forEach(Lease::end);
    try {
      queue.giveBack(rest);
    } catch (SQLException e) {
      // their leases run out by themselves
      LOG.warnf("cannot give executions back: %s", e.getMessage());
    }
  }
}
