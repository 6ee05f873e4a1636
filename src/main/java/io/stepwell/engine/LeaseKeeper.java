package io.stepwell.engine;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Prolongs the leases of what runs here, and interrupts what is no longer ours: cancelled, or taken
 * by another replica. While nothing runs for long it asks the database nothing.
 */
@ApplicationScoped
class LeaseKeeper {
  private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

  private final ClaimQueue queue;
  private final RunningExecutions running;
  private final EngineConfig config;
  // one permit at most: a change of what runs here asks for a look at once
  private final Semaphore asked = new Semaphore(0);
  private volatile boolean stopped;
  private long renewed = System.nanoTime();

  LeaseKeeper(
      ClaimQueue queue, RunningExecutions running, EngineConfig config, ExecutionChanges changes) {
    this.queue = queue;
    this.running = running;
    this.config = config;
    changes.onChange(this::changed);
  }

  void start(@Observes StartupEvent event) {
    Thread.ofVirtual().name("lease-keeper").start(this::loop);
  }

  /** Last of all: what still runs within the grace keeps its lease, and learns of a cancel. */
  void stop(@Observes @Priority(Dispatcher.STOPS_AT + 1) ShutdownEvent event) {
    stopped = true;
    asked.release();
  }

  /** A cancel in this process need not wait for the next look. */
  private void changed(UUID executionId) {
    if (running.find(executionId).filter(this::runsForLong).isPresent()
        && asked.availablePermits() == 0) {
      asked.release();
    }
  }

  private boolean runsForLong(Lease lease) {
    return System.nanoTime() - lease.since() > config.leaseCheck().toNanos() / 4;
  }

  private void loop() {
    try {
      while (!stopped) {
        asked.tryAcquire(config.leaseCheck().toMillis(), TimeUnit.MILLISECONDS);
        asked.drainPermits();
        try {
          look();
        } catch (SQLException | RuntimeException e) {
          // the loop outlives a lost database: a lease that cannot be prolonged runs out, and its
          // fence holds
          LOG.warnf("cannot look after leases: %s", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws SQLException {
    List<Lease> longer = running.all().stream().filter(this::runsForLong).toList();
    if (longer.isEmpty()) {
      return;
    }
    if (System.nanoTime() - renewed > config.lease().toNanos() / 3) {
      queue.renew(longer);
      renewed = System.nanoTime();
    }
    Set<UUID> held = queue.stillHeld(longer);
    for (Lease lease : longer) {
      if (!held.contains(lease.executionId())) {
        lease.end();
      }
    }
  }
}
