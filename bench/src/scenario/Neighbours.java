package scenario;

import java.util.List;
import load.ClosedLoop;
import load.OpenLoop;
import report.Report;
import server.Stage;
import server.Stage.Workflow;

/** One workspace has very many executions due whose calls hang; another one's start meanwhile. */
public final class Neighbours implements Scenario {
  private static final int DUE = 100_000;
  private static final int LEAST_DUE = 2_000;
  private static final double PER_SECOND = 10;

  private static final String ONE_STEP =
      """
      [{"name": "check", "type": "condition",
        "config": {"field": "trigger.amount", "operator": "greater_than", "value": 1}}]
      """;

  private static final String WAITS_TO_START =
      """
      select percentile_disc(0.50) within group (order by ms),
        percentile_disc(0.99) within group (order by ms)
      from execution
      cross join lateral (
        select extract(epoch from started_at - created_at) * 1000) d (ms)
      where workflow_id = ?
      """;

  private static final String UNFINISHED =
      "select count(*) from execution where workflow_id = ? and finished_at is null";

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Process stub = Calls.startStub();
    try {
      int port = Integer.parseInt(stub.inputReader().readLine());
      Stage hostile = stage.inWorkspace("hostile");
      Workflow hanging = hostile.workflow("hanging", hanging(port));
      Conditions.warmUp(stage, effort, "warm-up", ONE_STEP);
      double[] alone = measure(stage, effort, "alone");
      int due = Math.max(LEAST_DUE, effort.scaled(DUE));
      new ClosedLoop(stage.ports(), effort.clients())
          .exactly(due, hostile.execute(hanging, "", Conditions.TRIGGER), 202);
      stage.beginProfile();
      for (int round = 1; round <= effort.rounds(); round++) {
        double[] beside = measure(stage, effort, "beside-" + round);
        report.add(
            "executions whose calls hang", stage.database().number(UNFINISHED, hanging.id()));
        report.add("alone: createdAt to startedAt p50, ms", alone[0]);
        report.add("alone: createdAt to startedAt p99, ms", alone[1]);
        report.add("beside them: createdAt to startedAt p50, ms", beside[0]);
        report.add("beside them: createdAt to startedAt p99, ms", beside[1]);
        report.add("ratio of p50", beside[0] / alone[0]);
        report.add("ratio of p99", beside[1] / alone[1]);
      }
    } finally {
      stub.destroy();
    }
  }

  /** The median and the 99th percentile. */
  private static double[] measure(Stage stage, Effort effort, String key) throws Exception {
    Workflow workflow = stage.workflow(key, ONE_STEP);
    int count =
        new OpenLoop(stage.ports(), PER_SECOND)
            .during(effort.seconds() * 3, List.of(Latency.waiting(stage, workflow)), 200)
            .count();
    stage.requireCompleted(workflow, count);
    return stage.database().numbers(WAITS_TO_START, workflow.id());
  }

  private static String hanging(int port) {
    return """
    [{"name": "hang", "type": "call_api", "timeout": 600000,
      "config": {"url": "http://127.0.0.1:%d/never"}}]
    """
        .formatted(port);
  }
}
