package io.stepwell.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.faults.History.Disturbance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The database's disk is full, and then it is not. */
@Tag("long")
class DiskFullIT {
  private static final Duration LASTS = Duration.ofSeconds(8);
  private static final int MEBIBYTES = 400;

  @Test
  void what_was_acknowledged_before_the_disk_was_full_ends_when_there_is_room_again()
      throws Exception {
    Optional<SmallDisk> disk =
        SmallDisk.mount(Path.of("target", "faults", "disk").toAbsolutePath(), MEBIBYTES);
    if (disk.isEmpty()) {
      System.err.println("[faults] SKIPPED, a full disk: only root may mount a tmpfs");
    }
    assumeTrue(disk.isPresent(), "only root may mount a tmpfs");
    try (SmallDisk small = disk.get();
        Cluster cluster =
            Cluster.start(
                "disk-full",
                small.folder().resolve("postgres"),
                Collections.nCopies(2, Seat.plain()))) {
      History history =
          Run.survives(
              cluster,
              (schedule, duration) -> {
                schedule.repeatUntilFenced(Fault.FREEZE);
                schedule.strike(
                    "DISK_FULL",
                    LASTS,
                    () -> {
                      small.fill();
                      return () -> room(small, cluster);
                    });
                schedule.strike(Fault.KILL);
              });
      assertThat(history.disturbances()).extracting(Disturbance::fault).contains("DISK_FULL");
    }
  }

  private static void room(SmallDisk disk, Cluster cluster) throws IOException {
    disk.empty();
    // a log that cannot be written ends the server; an operator starts it again
    cluster.postgres().ensureRunning();
  }
}
