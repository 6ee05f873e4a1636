package scenario;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import load.ClosedLoop;
import load.Latencies;
import load.OpenLoop;
import report.Report;
import server.Jvm;
import server.ProcessUsage;
import server.Seed;
import server.Service;
import server.Stage;
import server.Stage.Workflow;

/** A million executions wait; then a hundred thousand are due within a second. */
public final class Waiting implements Scenario {
  private static final int WAITING = 1_000_000;
  private static final int DUE = 100_000;
  private static final int PAGES = 20;
  private static final double PROBES_PER_SECOND = 50;
  private static final double A_DAY = 86_400;
  private static final double PATIENCE_SECONDS = 600;
  private static final double WRITTEN_WITHIN_SECONDS = 15;

  private static final String NOTHING_DUE =
      "select min(due_at) > now() + interval '12 hours' from execution_queue";

  private static final String UNFINISHED =
      "select count(*) from execution where workflow_id = ? and finished_at is null";

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Workflow others = Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    Workflow workflow =
        stage.workflow(
            "waiting",
            """
            [{"name": "pause", "type": "wait", "config": {"durationMs": 864000000}}]
            """);
    UUID template = UUID.fromString(History.execute(stage, workflow));
    stage
        .database()
        .awaitTrue(
            "select count(*) = 1 from step_run where execution_id = ? and resume_at is not null",
            30,
            template);
    Service service = stage.services().getFirst();
    double heap = Jvm.liveHeapMiB(service.pid());
    long threads = ProcessUsage.threads(service.pid());

    int waiting = effort.scaled(WAITING);
    Seed seed = new Seed(stage.database());
    seed.waiting(template, 1, waiting, A_DAY, A_DAY);
    stage.database().execute("vacuum (analyze) execution, step_run");
    stage.database().execute("checkpoint");
    TimeUnit.SECONDS.sleep(5);
    report.add("waiting executions", stage.database().number(UNFINISHED, workflow.id()));
    report.add("heap grew by MiB", Jvm.liveHeapMiB(service.pid()) - heap);
    report.add("threads more", ProcessUsage.threads(service.pid()) - threads);

    Latencies pages =
        new ClosedLoop(stage.ports(), 1).exactly(PAGES, stage.get(list(workflow)), 200).latencies();
    report.add("page with statistics of those that wait p50, ms", pages.percentile(0.50));

    // of another workflow: the page above would be nearly all that is seen
    List<byte[]> probes =
        List.of(stage.get("/workflows/executions/" + template), stage.get(list(others)));
    OpenLoop loop = new OpenLoop(stage.ports(), PROBES_PER_SECOND);
    loop.during(effort.warmUpSeconds() / 2, probes, 200);
    Latencies baseline = loop.during(effort.seconds() * 2, probes, 200);
    stage.beginProfile();
    int due = effort.scaled(DUE);
    // due before they are there would blur the second
    Instant firstDue = seed.waiting(template, waiting, waiting + due, WRITTEN_WITHIN_SECONDS, 1);
    CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> awaitNothingDue(stage));
    Latencies meanwhile = loop.whilst(() -> !drained.isDone(), probes, 200);
    drained.get();
    if (stage.database().number(UNFINISHED, workflow.id()) != waiting) {
      throw new IllegalStateException("not all that were due have finished");
    }
    double seconds =
        stage.database().lastFinished(workflow.id()) - firstDue.toEpochMilli() / 1000.0;
    report.add("due within a second", due);
    report.add("seconds from the first due to the last COMPLETED", seconds);
    report.add("API p99 before, ms", baseline.percentile(0.99));
    report.add("API p99 meanwhile, ms", meanwhile.percentile(0.99));
    report.add("ratio of API p99", meanwhile.percentile(0.99) / baseline.percentile(0.99));
  }

  private static String list(Workflow workflow) {
    return "/workflows/" + workflow.key() + "/executions?limit=20";
  }

  private static void awaitNothingDue(Stage stage) {
    try {
      stage.database().awaitTrue(NOTHING_DUE, PATIENCE_SECONDS);
    } catch (SQLException | InterruptedException failure) {
      throw new IllegalStateException("the drain could not be watched", failure);
    }
  }
}
