package scenario;

import load.ClosedLoop;
import report.Report;
import server.Stage;
import server.Stage.Workflow;

/** One wait of a second in each of ten thousand executions at once: how late they go on. */
public final class Waits implements Scenario {
  private static final int EXECUTIONS = 10_000;

  private static final String LATENESS =
      """
      select min(late), percentile_disc(0.50) within group (order by late),
        percentile_disc(0.99) within group (order by late), max(late)
      from step_run s
      join execution e on e.id = s.execution_id and e.workflow_id = ?
      cross join lateral (
        select extract(epoch from s.finished_at - s.started_at) * 1000 - 1000) l (late)
      """;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    String wait =
        """
        [{"name": "pause", "type": "wait", "config": {"durationMs": 1000}}]
        """;
    Conditions.warmUp(stage, effort, "warm-up", wait);
    stage.beginProfile();
    for (int round = 1; round <= effort.rounds(); round++) {
      Workflow workflow = stage.workflow("round-" + round, wait);
      double start = System.currentTimeMillis() / 1000.0;
      int count =
          new ClosedLoop(stage.ports(), effort.clients())
              .exactly(effort.scaled(EXECUTIONS), stage.execute(workflow, "", "{}"), 202)
              .count();
      double accepted = System.currentTimeMillis() / 1000.0 - start;
      stage.database().awaitAllFinished(workflow.id(), Conditions.PATIENCE_SECONDS);
      double finished = stage.database().lastFinished(workflow.id()) - start;
      stage.requireCompleted(workflow, count);
      double[] late = stage.database().numbers(LATENESS, workflow.id());
      report.add("executions", count);
      report.add("seconds until all were accepted", accepted);
      report.add("seconds until all are COMPLETED", finished);
      report.add("lateness of a wait, least, ms", late[0]);
      report.add("lateness of a wait p50, ms", late[1]);
      report.add("lateness of a wait p99, ms", late[2]);
      report.add("lateness of a wait, most, ms", late[3]);
    }
  }
}
