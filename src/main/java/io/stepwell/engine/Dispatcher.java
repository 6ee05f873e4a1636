package io.stepwell.engine;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.execution.ExecutionEntity;
import io.stepwell.execution.ImmediateStart;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.Outdated;
import io.stepwell.kernel.TraceParent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.ObserverMethod;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Gives the free slots to due executions and starts a virtual thread for each, until the replica
 * stops; then lets them finish within the grace and gives the rest back.
 *
 * <p>While it keeps up with what is due, what is accepted here starts here at once.
 */
@ApplicationScoped
class Dispatcher implements ImmediateStart {
  private static final Logger LOG = Logger.getLogger(Dispatcher.class);
  private static final int MAX_CLAIM = 128;
  // how soon to look again at what another session had locked
  private static final Duration SOON = Duration.ofMillis(25);
  private static final Duration GATHERING = Duration.ofMillis(2);
  // how long it says nothing while it waits
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  /** After everything that need not outlive the running steps, which has no priority of its own. */
  static final int STOPS_AT = ObserverMethod.DEFAULT_PRIORITY + 100;

  private final FairClaims claims;
  private final LeaseRows leases;
  private final RunningExecutions running;
  private final ExecutionRunner runner;
  private final EngineConfig config;
  private final DatabaseClock clock;
  private final Outdated outdated;
  // one permit at most: several nudges before the next look are one
  private final Semaphore nudged = new Semaphore(0);
  // of those that run here; they never run at the same time
  private final AtomicInteger suspects = new AtomicInteger();
  // something is due that waits for a slot
  private volatile boolean behind = true;
  private final Loop loop = Loop.essential("dispatcher", this::turn);

  Dispatcher(
      FairClaims claims,
      LeaseRows leases,
      RunningExecutions running,
      ExecutionRunner runner,
      EngineConfig config,
      DatabaseClock clock,
      Outdated outdated,
      ExecutionChanges changes) {
    this.claims = claims;
    this.leases = leases;
    this.running = running;
    this.runner = runner;
    this.config = config;
    this.clock = clock;
    this.outdated = outdated;
    changes.onDue(this::nudge);
    running.onFreeSlot(this::slotIsFree);
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  /**
   * Looks at the queue soon. Never lost: a nudge between a look and the next wait ends that wait.
   */
  void nudge() {
    if (nudged.availablePermits() == 0) {
      nudged.release();
    }
  }

  private void slotIsFree() {
    if (behind) {
      nudge();
    }
  }

  private boolean turn() throws SQLException, InterruptedException {
    long nanos = dispatch().toNanos();
    if (behind) {
      // slots become free one by one: one claim for some of them costs less than one for each
      loop.rest(GATHERING);
    }
    while (nanos > 0 && !loop.isStopping()) {
      long slice = Math.min(nanos, LONGEST_WAIT.toNanos());
      nanos = nudged.tryAcquire(slice, TimeUnit.NANOSECONDS) ? 0 : nanos - slice;
      loop.turning();
    }
    nudged.drainPermits();
    return false;
  }

  /** Claims as much as there is room for, and says how long nothing more will be due. */
  private Duration dispatch() throws SQLException {
    // race: before the slots are counted, so that one that becomes free from here on nudges
    behind = true;
    int room = Math.min(MAX_CLAIM, running.freeSlots());
    if (room == 0 || outdated.isSo()) {
      return config.poll();
    }
    FairClaims.Claimed claimed = claims.claim(room, suspects.get() == 0 ? 1 : 0);
    for (Claim claim : claimed.claims()) {
      start(
          claim,
          new Lease(claim.workspaceId(), claim.executionId(), claim.token(), claimed.askedAt()));
    }
    behind = claimed.leftSome();
    if (behind && !claimed.claims().isEmpty()) {
      return Duration.ZERO;
    }
    if (claimed.lookSoon()) {
      return SOON;
    }
    Duration untilNext =
        claimed
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

  /** Runs a claim in its slot. */
  private void start(Claim claim, Lease lease) {
    running.add(lease);
    boolean suspect = claims.isSuspect(claim.claims());
    if (suspect) {
      suspects.incrementAndGet();
    }
    Thread.ofVirtual()
        .name("execution-" + claim.executionId())
        .start(() -> {
          try {
            runner.run(claim, lease);
          } finally {
            if (suspect) {
              suspects.decrementAndGet();
            }
            running.remove(lease);
          }
        });
  }

  @Override
  public Optional<Slot> take(UUID workspaceId) {
    // what has waited longer comes first
    return loop.isStopping() || behind || !running.takeSlot(workspaceId)
        ? Optional.empty()
        : Optional.of(new TakenSlot(workspaceId, UUID.randomUUID()));
  }

  private final class TakenSlot implements Slot {
    private final UUID workspaceId;
    private final UUID token;

    TakenSlot(UUID workspaceId, UUID token) {
      this.workspaceId = workspaceId;
      this.token = token;
    }

    @Override
    public UUID token() {
      return token;
    }

    @Override
    public Duration lease() {
      return config.lease();
    }

    @Override
    public void start(Accepted accepted) {
      clock.correct(accepted.startedAt());
      ExecutionEntity execution = accepted.execution();
      Claim claim =
          new Claim(
              execution.id,
              token,
              workspaceId,
              execution.workflowId,
              execution.workflowVersion,
              accepted.triggerData(),
              execution.userId,
              1,
              0,
              accepted.startedAt(),
              true,
              TraceParent.parse(execution.traceParent).orElse(null),
              new HashMap<>());
      Dispatcher.this.start(claim, new Lease(workspaceId, execution.id, token, accepted.askedAt()));
    }

    @Override
    public void free() {
      running.freeSlot(workspaceId);
    }
  }

  /** The replica is about to stop: what is due is for the others. */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    loop.stop();
    nudge();
  }

  /** No new claims; what runs may finish within the grace; the rest is given back at once. */
  void stop(@Observes @Priority(STOPS_AT) ShutdownEvent event) throws InterruptedException {
    // race: what a claim in flight still brings is waited for and given back like the rest
    loop.stop(this::nudge, config.drainGrace());
    if (running.awaitNone(config.drainGrace())) {
      return;
    }
    Collection<Lease> rest = running.all();
    LOG.infof("giving %d executions back that did not finish within the grace", rest.size());
    rest.forEach(Lease::end);
    try {
      leases.giveBack(rest);
    } catch (SQLException e) {
      // their leases run out by themselves
      LOG.warnf("cannot give executions back: %s", e.getMessage());
    }
  }
}
