package io.stepwell.faults;

import io.stepwell.faults.Cluster.Member;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Faults in an order of chance, each as often as the others, until the time is over. */
final class Schedule {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int MOST_STRIKES = 20;

  private final Cluster cluster;
  private final Recorder recorder;
  private final Random random;

  Schedule(Cluster cluster, Recorder recorder, long seed) {
    this.cluster = cluster;
    this.recorder = recorder;
    this.random = new Random(seed);
  }

  /** Every fault once at least, and all of them again while there is time. */
  void run(Duration duration) throws IOException {
    Instant end = Instant.now().plus(duration);
    boolean once = false;
    while (!once || Instant.now().isBefore(end)) {
      List<Fault> round = new ArrayList<>(List.of(Fault.values()));
      round.removeIf(fault -> !fault.possible(cluster));
      Collections.shuffle(round, random);
      for (Fault fault : round) {
        if (once && Instant.now().isAfter(end)) {
          return;
        }
        strike(fault);
        rest();
      }
      once = true;
    }
  }

  /** The same fault again and again, as long as there is somebody left to go on. */
  void repeat(Fault fault, Duration every, Duration duration) throws IOException {
    Instant end = Instant.now().plus(duration);
    while (Instant.now().isBefore(end)) {
      Instant next = Instant.now().plus(every);
      Cluster.await(
          "two replicas are ready",
          () -> cluster.members().stream().filter(Member::ready).count() > 1);
      strike(fault);
      LockSupport.parkNanos(Math.max(0, Duration.between(Instant.now(), next).toNanos()));
    }
  }

  /** The same fault until a replica had to drop a result, which a single one may not achieve. */
  void repeatUntilFenced(Fault fault) throws IOException {
    for (int i = 0; i < MOST_STRIKES && recorder.fences() < 1; i++) {
      strike(fault);
      rest();
    }
  }

  /** Begins a fault and returns how it is healed. */
  interface Injection {
    Fault.Healing inject() throws IOException, SQLException;
  }

  /** One fault, from its begin until it is healed and a moment after. */
  void strike(Fault fault) throws IOException {
    Member victim = victim();
    strike(fault.name(), fault.lasts(), () -> fault.inject(cluster, victim));
  }

  void strike(String fault, Duration lasts, Injection injection) throws IOException {
    Instant begin = Instant.now();
    Fault.Healing healing = begin(injection);
    try {
      LockSupport.parkNanos(lasts.toNanos());
    } finally {
      healing.now();
    }
    Instant healed = Instant.now();
    recorder.disturbed(fault, begin, healed);
    System.out.printf("[faults] %s: %d ms%n", fault, Duration.between(begin, healed).toMillis());
  }

  private static Fault.Healing begin(Injection injection) throws IOException {
    try {
      return injection.inject();
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** A moment in which things may come to rest. */
  private void rest() {
    LockSupport.parkNanos(Duration.ofMillis(200 + random.nextInt(1000)).toNanos());
  }

  /** One that works: to strike who is down already proves nothing. */
  private Member victim() {
    Instant deadline = Instant.now().plus(READY);
    Member victim = cluster.any(random);
    while (!victim.ready() && Instant.now().isBefore(deadline)) {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      victim = cluster.any(random);
    }
    return victim;
  }
}
