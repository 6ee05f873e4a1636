package scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import load.HttpConnection;
import load.Latencies;
import load.Streams;
import report.Report;
import server.Jvm;
import server.ProcessUsage;
import server.Seed;
import server.Service;
import server.Stage;
import server.Stage.Workflow;

/** Five thousand streams, each of an execution that waits and then finishes. */
public final class OpenStreams implements Scenario {
  private static final int STREAMS = 5_000;
  private static final double SPREAD_SECONDS = 10;
  private static final int PATIENCE_SECONDS = 180;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    stage.beginProfile();
    // the first round makes what later ones find: code, pools, and heap that is not given back
    for (int round = 0; round <= effort.rounds(); round++) {
      round(
          stage,
          effort.scaled(STREAMS),
          round == 0 ? new Report("unused") : report,
          "round-" + round);
    }
  }

  private static void round(Stage stage, int count, Report report, String key) throws Exception {
    Workflow workflow =
        stage.workflow(
            key,
            """
            [{"name": "pause", "type": "wait", "config": {"durationMs": 864000000}}]
            """);
    List<UUID> executions = executions(stage, workflow, count);
    Service service = stage.services().getFirst();
    double heap = Jvm.liveHeapMiB(service.pid());
    double resident = ProcessUsage.residentMiB(service.pid());
    try (Streams streams = new Streams()) {
      long start = System.nanoTime();
      for (UUID execution : executions) {
        streams.open(service.port(), stage.get("/workflows/executions/" + execution + "/stream"));
      }
      await(streams::connected, count, "connected");
      double opening = (System.nanoTime() - start) / 1e9;
      // what the last ones needed to open is no cost of an open one
      TimeUnit.SECONDS.sleep(2);
      double heapWith = Jvm.liveHeapMiB(service.pid());
      double residentWith = ProcessUsage.residentMiB(service.pid());
      new Seed(stage.database()).moveTimers(workflow.id(), 2, SPREAD_SECONDS);
      await(streams::completed, count, "complete");
      Latencies changes = streams.finishedSteps();
      if (changes.count() != count) {
        throw new IllegalStateException(
            changes.count() + " finished steps on " + count + " streams");
      }
      report.add("streams open at once", count);
      report.add("seconds to open them", opening);
      report.add("KiB of heap a stream", (heapWith - heap) * 1024 / count);
      report.add("KiB of resident memory a stream", (residentWith - resident) * 1024 / count);
      report.add("changes/s", count / SPREAD_SECONDS);
      report.add("finishedAt to client p50, ms", changes.percentile(0.50));
      report.add("finishedAt to client p99, ms", changes.percentile(0.99));
    }
    stage.requireCompleted(workflow, count);
  }

  /** Starts them, and returns once each of them waits. */
  private static List<UUID> executions(Stage stage, Workflow workflow, int count) throws Exception {
    List<UUID> executions = new ArrayList<>();
    byte[] request = stage.execute(workflow, "", "{}");
    try (HttpConnection connection = HttpConnection.open(stage.ports().getFirst())) {
      for (int i = 0; i < count; i++) {
        executions.add(UUID.fromString(connection.exchange(request).expect(202).member("id")));
      }
    }
    stage
        .database()
        .awaitTrue(
            """
            select count(*) = %d
            from execution e
            join step_run s on s.execution_id = e.id and s.resume_at is not null
            where e.workflow_id = ? and e.lease_token is null
            """
                .formatted(count),
            PATIENCE_SECONDS,
            workflow.id());
    return executions;
  }

  private static void await(IntSupplier actual, int wanted, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (actual.getAsInt() < wanted) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            actual.getAsInt()
                + " of "
                + wanted
                + " streams are "
                + what
                + " (is ulimit -n too low?)");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
