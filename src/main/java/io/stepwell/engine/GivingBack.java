package io.stepwell.engine;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * Gives executions back that cannot be run now because of trouble that is not theirs. It costs them
 * no claim, and the delay grows while the trouble of this replica lasts. Thread-safe.
 */
@ApplicationScoped
class GivingBack {
  private static final Logger LOG = Logger.getLogger(GivingBack.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration TRY_AGAIN = Duration.ofMillis(200);

  private final LeaseRows leases;
  private final EngineConfig config;
  // zero while there is no trouble
  private volatile Duration delay = Duration.ZERO;
  private long grown;

  GivingBack(LeaseRows leases, EngineConfig config) {
    this.leases = leases;
    this.config = config;
  }

  /**
   * Gives it back, and tries again as long as that fails: until the lease has ended, or would have
   * if nobody had prolonged it.
   */
  void giveBack(Lease lease, Throwable trouble) {
    Duration later = spread(grow(System.nanoTime()));
    LOG.warnf(
        "execution %s cannot be run now, giving it back for %d ms: %s",
        lease.executionId(), later.toMillis(), trouble.getMessage());
    long began = System.nanoTime();
    while (!lease.ended() && System.nanoTime() - began < config.lease().toNanos()) {
      try {
        List<Lease> those = List.of(lease);
        if (!leases.giveBack(those, later).isEmpty() || leases.stillHeld(those).isEmpty()) {
          return;
        }
        // another session has locked its row
      } catch (SQLException | RuntimeException e) {
        LOG.debugf(e, "execution %s cannot be given back yet", lease.executionId());
      }
      lease.awaitEnd(TRY_AGAIN);
    }
  }

  /** An execution went as far as it could: what trouble there was is over. */
  void noTrouble() {
    if (!delay.isZero()) {
      delay = Duration.ZERO;
    }
  }

  /** At most once in each delay: all that runs here meets the same trouble at the same time. */
  private synchronized Duration grow(long now) {
    if (delay.isZero()) {
      delay = SHORTEST;
      grown = now;
    } else if (now - grown > delay.toNanos()) {
      Duration twice = delay.multipliedBy(2);
      delay = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
      grown = now;
    }
    return delay;
  }

  /** A quarter more or less, by chance. */
  private static Duration spread(Duration delay) {
    long quarter = delay.toMillis() / 4;
    return delay.plusMillis(ThreadLocalRandom.current().nextLong(-quarter, quarter + 1));
  }
}
