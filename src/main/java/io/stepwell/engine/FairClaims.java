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
  private static final int LOOKED_AT = 256;
  private static final int WORKSPACES = 256;
  private static final int OF_EACH_WORKSPACE = 8;
  // parsed, trigger data of small values takes thirty times its text: a quarter of the heap at most
  private static final long MOST_CLAIMED = Runtime.getRuntime().maxMemory() / 128;
  private static final UUID FIRST = new UUID(0, 0);

  private final ClaimQueue queue;
  private final RunningExecutions running;
  private final EngineConfig config;
  private UUID lastWorkspace = FIRST;

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
    ClaimQueue.Look look = queue.look(LOOKED_AT);
    Set<DueExecution> due = new LinkedHashSet<>(look.due());
    boolean more = look.due().size() == LOOKED_AT;
    if (more) {
      // what is due longest may be of one workspace: the others have their turns all the same
      due.addAll(nextWorkspaces());
    }
    // race: what this replica still winds up must not run here twice at once
    due.removeIf(one -> running.find(one.executionId()).isPresent());
    FairChoice choice =
        FairChoice.of(
            List.copyOf(due),
            new Room(limit, Math.min(config.claimBytes(), MOST_CLAIMED), suspects),
            one -> isSuspect(one.claims() + 1),
            running::takeSlot);
    long askedAt = System.nanoTime();
    List<Claim> claims = claim(choice.chosen());
    putOff(choice.later());
    boolean locked = claims.size() < choice.chosen().size();
    return new Claimed(
        claims,
        look.nextDue(),
        more || choice.leftSome() || locked,
        locked || (more && !lastWorkspace.equals(FIRST)),
        askedAt);
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
