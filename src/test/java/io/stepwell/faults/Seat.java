package io.stepwell.faults;

import io.stepwell.durability.PgBouncer;
import io.stepwell.durability.PreviousRelease;
import io.stepwell.durability.Replica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What a place for a replica is like, whichever process fills it.
 *
 * @param settings of its own
 * @param pooled whether it reaches the database through a pooler
 * @param command that starts its process
 */
record Seat(Map<String, String> settings, boolean pooled, List<String> command) {
  private static final Path CLOCK_SHIFTER =
      Path.of(
          "/usr/lib/%s-linux-gnu/faketime/libfaketimeMT.so.1"
              .formatted(System.getProperty("os.arch").replace("amd64", "x86_64")));

  static Seat plain() {
    return with(Map.of());
  }

  static Seat with(Map<String, String> settings) {
    return new Seat(settings, false, Replica.command());
  }

  /** One of the release before this one, which is built where it is missing. */
  static Seat ofPreviousRelease() {
    return new Seat(Map.of(), false, PreviousRelease.command());
  }

  /** One whose clock is a day ahead; says so loudly when that cannot be. */
  static Seat dayAhead() {
    if (!Files.exists(CLOCK_SHIFTER)) {
      System.err.println(
          "[faults] SKIPPED, the clock of one replica a day off: libfaketime is not installed"
              + " (Debian: apt-get install faketime)");
      return plain();
    }
    // the monotonic clock has to stay as it is, or every timed wait of a JVM returns at once
    return with(
        Map.of(
            "LD_PRELOAD",
            CLOCK_SHIFTER.toString(),
            "FAKETIME",
            "+1d",
            "FAKETIME_DONT_FAKE_MONOTONIC",
            "1",
            "FAKETIME_FORCE_MONOTONIC_FIX",
            "0"));
  }

  /**
   * The same seats, of which a pooler stands before some, or all, by chance: so what passes through
   * it and what does not meet in the same rows. Says so loudly when that cannot be.
   */
  static List<Seat> somePooled(List<Seat> seats, Random random) {
    if (!PgBouncer.isInstalled()) {
      System.err.println(
          "[faults] SKIPPED, a pooler: pgbouncer is not installed"
              + " (Debian: apt-get install pgbouncer)");
      return seats;
    }
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, seats.size()).boxed().toList());
    Collections.shuffle(numbers, random);
    List<Integer> chosen = numbers.subList(0, 1 + random.nextInt(seats.size()));
    System.out.printf("[faults] behind a pooler: replicas %s%n", chosen.stream().sorted().toList());
    return IntStream.range(0, seats.size())
        .mapToObj(number -> {
          Seat seat = seats.get(number);
          return new Seat(seat.settings, chosen.contains(number), seat.command);
        })
        .toList();
  }
}
