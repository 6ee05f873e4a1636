package io.stepwell.faults;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Replicas die all the time. */
@Tag("long")
class KillsIT {
  private static final Duration EVERY = Duration.ofSeconds(5);

  @Test
  void nothing_is_lost_or_repeated_while_a_replica_is_killed_every_five_seconds() throws Exception {
    try (Cluster cluster = Cluster.start("kills", Collections.nCopies(4, Map.of()))) {
      Run.survives(cluster, (schedule, duration) -> schedule.repeat(Fault.KILL, EVERY, duration));
    }
  }
}
