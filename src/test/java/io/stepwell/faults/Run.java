package io.stepwell.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** One run of load and faults on a cluster, and the judgement of its history. */
final class Run {
  private static final Duration PACE = Duration.ofMillis(250);
  private static final Duration SETTLE = Duration.ofMinutes(4);

  /** Breaks a cluster. */
  interface Breaking {
    void run(Schedule schedule, Duration duration) throws IOException;
  }

  private Run() {}

  /** How long the faults go on: {@code -Dfaults.duration}, such as {@code 10m}. */
  static Duration duration() {
    String text = System.getProperty("faults.duration", "60s");
    return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }

  /** What chance begins with: {@code -Dfaults.seed}, else another one each time. */
  static long seed() {
    String text = System.getProperty("faults.seed", "");
    return text.isEmpty() ? System.nanoTime() % 1_000_000 : Long.parseLong(text);
  }

  /** Breaks the cluster under load, lets it settle, and holds its history to the promises. */
  static History survives(Cluster cluster, Breaking breaking) throws Exception {
    return survives(cluster, seed(), breaking);
  }

  /** The same where the seed has decided over the cluster, too. */
  static History survives(Cluster cluster, long seed, Breaking breaking) throws Exception {
    System.out.printf(
        "[faults] -Dfaults.duration=%ds -Dfaults.seed=%d%n", duration().toSeconds(), seed);
    Load load = new Load(cluster, Workflows.create(cluster), seed, PACE);
    History history;
    try (Recorder recorder = Recorder.of(cluster)) {
      load.start();
      breaking.run(new Schedule(cluster, recorder, seed), duration());
      load.stop();
      load.awaitClients();
      cluster.awaitIdle(SETTLE);
      history = load.history(recorder);
    }
    System.out.print(Figures.of(history).indent(2).replaceAll("(?m)^ ", "[faults]"));
    assertThat(Checker.check(history)).as("-Dfaults.seed=" + seed).isEmpty();
    return history;
  }
}
