package io.stepwell.faults;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Everything that can go wrong does, in an order of chance, while clients go on. */
class FaultsIT {
  @Test
  void what_was_acknowledged_ends_once_and_as_it_should_whatever_fails() throws Exception {
    // the clock of one of them is a day off all the time
    List<Map<String, String>> replicas = List.of(Map.of(), Map.of(), Cluster.dayAhead());
    try (Cluster cluster = Cluster.start("random", replicas)) {
      Run.survives(cluster, Schedule::run);
    }
  }
}
