package io.stepwell.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Replicas die all the time, and now and then one comes back from the dead. */
@Tag("long")
class KillsIT {
  private static final Duration EVERY = Duration.ofSeconds(5);

  /** What was killed writes nothing more: only a frozen one can be fenced. */
  private static final Duration ZOMBIE_EVERY = Duration.ofMinutes(1);

  @Test
  void nothing_is_lost_or_repeated_while_a_replica_is_killed_every_five_seconds() throws Exception {
    try (Cluster cluster = Cluster.start("kills", Collections.nCopies(4, Seat.plain()))) {
      Run.survives(
          cluster,
          (schedule, duration) -> {
            Instant end = Instant.now().plus(duration);
            while (Instant.now().isBefore(end)) {
              Duration left = Duration.between(Instant.now(), end);
              schedule.repeat(
                  Fault.KILL, EVERY, left.compareTo(ZOMBIE_EVERY) < 0 ? left : ZOMBIE_EVERY);
              schedule.strike(Fault.FREEZE);
            }
            schedule.repeatUntilFenced(Fault.FREEZE);
          });
    }
  }
}
