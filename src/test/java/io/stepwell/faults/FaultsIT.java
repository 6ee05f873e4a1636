package io.stepwell.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.durability.PreviousRelease;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everything that can go wrong does, in an order of chance, while clients go on. The primary has a
 * standby, and a pooler stands before some of the replicas: faults come one after another and each
 * is healed before the next, so one cluster can have all of them, and chance decides what meets.
 */
class FaultsIT {
  @Test
  void what_was_acknowledged_ends_once_and_as_it_should_whatever_fails() throws Exception {
    // the clock of one of them is a day off all the time
    survives("random", List.of(Seat.plain(), Seat.plain(), Seat.dayAhead()));
  }

  /** The package of the previous release takes minutes to build. */
  @Test
  @Tag("long")
  void what_was_acknowledged_ends_once_while_two_releases_run_side_by_side() throws Exception {
    boolean known = PreviousRelease.isKnown();
    if (!known) {
      System.err.println(
          "[faults] SKIPPED, two releases side by side: no git here that has the commit of"
              + " src/test/resources/previous-release");
    }
    assumeTrue(known, "no git here that has the previous release");
    survives("two-releases", List.of(Seat.plain(), Seat.dayAhead(), Seat.ofPreviousRelease()));
  }

  private static void survives(String name, List<Seat> seats) throws Exception {
    long seed = Run.seed();
    List<Seat> placed = Seat.somePooled(seats, new Random(seed));
    try (Cluster cluster = Cluster.startWithStandby(name, placed)) {
      Run.survives(cluster, seed, Schedule::run);
    }
  }
}
