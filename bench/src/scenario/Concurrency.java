package scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import load.ClosedLoop;
import report.Plot;
import report.Report;
import server.Reference;
import server.Stage;
import server.Stage.Workflow;

/** The same as more and more clients execute at once, and a plot of it. */
public final class Concurrency implements Scenario {
  private static final List<Integer> CLIENTS = List.of(1, 4, 8, 16, 32, 64, 128);
  private static final String BARE = "pgbench's seven commits, executions/s";
  private static final String ACCEPTED = "executions/s until all are COMPLETED";
  private static final String WAITED = "executions/s when each client waits for its own";
  private static final String P50 = "execute to COMPLETED p50, ms";
  private static final String P95 = "execute to COMPLETED p95, ms";
  private static final String P99 = "execute to COMPLETED p99, ms";

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    stage.beginProfile();
    Optional<Reference> reference = Reference.on(stage);
    List<Plot.Point> points = new ArrayList<>();
    for (int clients : CLIENTS) {
      String at = "%3d clients: ".formatted(clients);
      for (int round = 1; round <= effort.rounds(); round++) {
        if (reference.isPresent()) {
          report.add(
              at + BARE, reference.get().sevenWritesPerSecond(clients, effort.seconds() / 2));
        }
        String key = "clients-" + clients + "-round-" + round;
        Workflow workflow = stage.workflow(key, Conditions.actions());
        double rate =
            Conditions.measure(stage, effort.withClients(clients), new Report("unused"), workflow);
        report.add(at + ACCEPTED, rate);
        measureWaiting(
            stage,
            effort,
            report,
            at,
            clients,
            stage.workflow(key + "-waiting", Conditions.actions()));
      }
      points.add(
          new Plot.Point(
              clients,
              median(report, at + ACCEPTED),
              median(report, at + WAITED),
              reference.isPresent() ? median(report, at + BARE) : Double.NaN,
              median(report, at + P50),
              median(report, at + P95),
              median(report, at + P99)));
    }
    Path file = Path.of("target/bench/concurrency.svg");
    Plot.write(file, points);
    report.note("Plot: " + file);
  }

  private static double median(Report report, String figure) {
    return Report.median(report.figures().get(figure));
  }

  private static void measureWaiting(
      Stage stage, Effort effort, Report report, String at, int clients, Workflow workflow)
      throws Exception {
    long start = System.nanoTime();
    ClosedLoop.Answered answered =
        new ClosedLoop(stage.ports(), clients)
            .during(effort.seconds(), Latency.waiting(stage, workflow), 200);
    report.add(at + WAITED, answered.count() / ((System.nanoTime() - start) / 1e9));
    stage.requireCompleted(workflow, answered.count());
    report.add(at + P50, answered.latencies().percentile(0.50));
    report.add(at + P95, answered.latencies().percentile(0.95));
    report.add(at + P99, answered.latencies().percentile(0.99));
  }
}
