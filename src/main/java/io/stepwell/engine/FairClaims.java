package io.stepwell.engine;

import io.stepwell.engine.FairChoice.Room;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Claims what is due for the free slots of this replica, in turns by workspace. For one thread.
 *
 * <p>Executions that keep ending without progress are suspects: they may be what their replicas die
 * of. One of them runs at a time, and the others are put off for a random part of a lease, so that
 * a payload that crashes its replica does not always take the same others down with it.
 */
@ApplicationScoped
class FairClaims {
  private static final Logger LOG = Logger.getLogger(FairClaims.class);

  // as many as could be taken, and some more to choose from
  private static final int LOOKED_AT = 512;
  // a backlog is claimed from what one look found, for so long
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int WORKSPACES = 256;
  private static final int OF_EACH_WORKSPACE = 8;
  private static final UUID FIRST = new UUID(0, 0);

  private final ClaimQueue queue;
  private final RunningExecutions running;
  private final EngineConfig config;
  // parsed, trigger data of small values takes thirty times its text: a quarter of the heap at
  // most.
  // Not a constant: an executable would have the heap of its build
  private final long mostClaimed = Runtime.getRuntime().maxMemory() / 128;
  private UUID lastWorkspace = FIRST;
  // what the last look found and no claim has taken, the longest due first
  private final Set<DueExecution> known = new LinkedHashSet<>();
  private Optional<Instant> nextDue = Optional.empty();
  private boolean more;
  private long lookedAt;

  FairClaims(ClaimQueue queue, RunningExecutions running, EngineConfig config) {
    this.queue = queue;
    this.running = running;
    this.config = config;
  }

  /**
   * What was claimed.
   *
   * @param claims each has a slot
   * @param nextDue when the next execution that is not due yet will be
   * @param leftSome whether something is due that was not claimed
   * @param lookSoon whether another look may find more, though no slot becomes free
   * @param askedAt when the database was asked for the claims, on {@link System#nanoTime}
   */
  record Claimed(
      List<Claim> claims,
      Optional<Instant> nextDue,
      boolean leftSome,
      boolean lookSoon,
      long askedAt) {}

  /** Whether its replicas keep dying on it, or alongside it. */
  boolean isSuspect(int claims) {
    return claims > Math.max(2, config.maxClaims() / 2);
  }

  /**
   * Claims up to {@code limit} executions, each with a slot taken for it.
   *
   * @param suspects how many suspects at most
   */
  Claimed claim(int limit, int suspects) throws SQLException {
    if (known.isEmpty() || System.nanoTime() - lookedAt > FRESH_NANOS) {
      look();
    }
    // race: what this replica still winds up must not run here twice at once
    List<DueExecution> due =
        known.stream().filter(one -> running.find(one.executionId()).isEmpty()).toList();
    FairChoice choice =
        FairChoice.of(
            due,
            new Room(limit, Math.min(config.claimBytes(), mostClaimed), suspects),
            one -> isSuspect(one.claims() + 1),
            running::takeSlot);
    // what another replica takes meanwhile is not due any more when it is claimed here
    choice.chosen().forEach(known::remove);
    choice.later().forEach(known::remove);
    long askedAt = System.nanoTime();
    List<Claim> claims = claim(choice.chosen());
    putOff(choice.later());
    boolean locked = claims.size() < choice.chosen().size();
    return new Claimed(
        claims,
        nextDue,
        more || choice.leftSome() || locked,
        locked || (more && !lastWorkspace.equals(FIRST)),
        askedAt);
  }

  private void look() throws SQLException {
    ClaimQueue.Look look = queue.look(LOOKED_AT);
    nextDue = look.nextDue();
    known.clear();
    known.addAll(look.due());
    more = look.due().size() == LOOKED_AT;
    if (more) {
      // what is due longest may be of one workspace: the others have their turns all the same
      known.addAll(nextWorkspaces());
    }
    lookedAt = System.nanoTime();
  }

  private List<DueExecution> nextWorkspaces() throws SQLException {
    ClaimQueue.LookByWorkspace next =
        queue.lookByWorkspace(lastWorkspace, WORKSPACES, OF_EACH_WORKSPACE);
    lastWorkspace = next.last().orElse(FIRST);
    return next.due();
  }

  private List<Claim> claim(List<DueExecution> chosen) throws SQLException {
    List<Claim> claims = List.of();
    try {
      claims = chosen.isEmpty() ? List.of() : queue.claim(chosen);
      return claims;
    } finally {
      Set<UUID> claimed = claims.stream().map(Claim::executionId).collect(Collectors.toSet());
      for (DueExecution one : chosen) {
        if (!claimed.contains(one.executionId())) {
          running.returnSlot(one.workspaceId());
        }
      }
    }
  }

  private void putOff(List<DueExecution> later) {
    if (later.isEmpty()) {
      return;
    }
    List<Duration> delays = new ArrayList<>();
    for (int i = 0; i < later.size(); i++) {
      delays.add(
          Duration.ofMillis(ThreadLocalRandom.current().nextLong(config.lease().toMillis())));
    }
    try {
      queue.putOff(later, delays);
    } catch (SQLException e) {
      // they stay due, and what was claimed runs
      LOG.warnf("cannot put suspects off: %s", e.getMessage());
    }
  }
}
