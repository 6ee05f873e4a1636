package io.stepwell.engine;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.kernel.Loop;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Prolongs the leases of what runs here, and interrupts what is no longer ours: cancelled, taken by
 * another replica, or not prolonged in time. While nothing runs for long it asks the database
 * nothing.
 *
 * <p>One thread talks to the database. Another one looks at the clock only, so that a lease ends
 * here before it ends for others, whatever the database does.
 */
@ApplicationScoped
class LeaseKeeper {
  private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

  private final LeaseRows rows;
  private final RunningExecutions running;
  private final EngineConfig config;
  // one permit at most: a change of what runs here asks for a look at once
  private final Semaphore asked = new Semaphore(0);
  private final Loop keeper = Loop.essential("lease-keeper", this::keep);
  private final Loop clock = Loop.essential("lease-clock", this::watchTheClock);

  LeaseKeeper(
      LeaseRows rows, RunningExecutions running, EngineConfig config, ExecutionChanges changes) {
    this.rows = rows;
    this.running = running;
    this.config = config;
    changes.onChange(this::changed);
  }

  void start(@Observes StartupEvent event) {
    keeper.start();
    clock.start();
  }

  /** Last of all: what still runs within the grace keeps its lease, and learns of a cancel. */
  void stop(@Observes @Priority(Dispatcher.STOPS_AT + 1) ShutdownEvent event) {
    clock.stop();
    keeper.stop();
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
    return lease.age().compareTo(config.leaseCheck().dividedBy(4)) > 0;
  }

  private boolean keep() throws InterruptedException {
    asked.tryAcquire(config.leaseCheck().toMillis(), TimeUnit.MILLISECONDS);
    asked.drainPermits();
    try {
      look();
    } catch (SQLException e) {
      // not later than else: a lease that cannot be prolonged in time ends by the clock
      LOG.warnf("cannot look after leases: %s", e.getMessage());
    }
    return false;
  }

  private void look() throws SQLException {
    List<Lease> longer = running.all().stream().filter(this::runsForLong).toList();
    if (longer.isEmpty()) {
      return;
    }
    Duration third = config.lease().dividedBy(3);
    List<Lease> old =
        longer.stream().filter(lease -> lease.sinceRenewal().compareTo(third) > 0).toList();
    Set<UUID> renewed = old.isEmpty() ? Set.of() : renew(old);
    List<Lease> others = new ArrayList<>(longer);
    others.removeIf(lease -> renewed.contains(lease.executionId()));
    if (!others.isEmpty()) {
      Set<UUID> held = rows.stillHeld(others);
      others.removeIf(lease -> held.contains(lease.executionId()));
      others.forEach(Lease::end);
    }
  }

  private Set<UUID> renew(List<Lease> leases) throws SQLException {
    long askedAt = System.nanoTime();
    Set<UUID> renewed = new HashSet<>(rows.renew(leases));
    for (Lease lease : leases) {
      if (renewed.contains(lease.executionId())) {
        lease.renewed(askedAt);
      }
    }
    return renewed;
  }

  private boolean watchTheClock() throws InterruptedException {
    if (clock.rest(tick())) {
      endExpired();
    }
    return false;
  }

  /** How often to look at the clock: a small part of what a lease lasts. */
  private Duration tick() {
    Duration part = config.lease().dividedBy(20);
    return part.compareTo(config.leaseCheck()) < 0 ? part : config.leaseCheck();
  }

  /** Ends what another replica may take from the next look on. */
  void endExpired() {
    Duration bound = config.lease().minus(tick());
    for (Lease lease : running.all()) {
      if (!lease.ended() && lease.sinceRenewal().compareTo(bound) > 0) {
        LOG.warnf("the lease of %s could not be prolonged and ends", lease.executionId());
        lease.end();
      }
    }
  }
}
