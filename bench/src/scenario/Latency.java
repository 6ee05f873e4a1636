package scenario;

import java.util.List;
import load.Latencies;
import load.OpenLoop;
import report.Report;
import server.Stage;
import server.Stage.Workflow;

/** Five conditions an execution, ten executions a second: what one takes when nothing is busy. */
public final class Latency implements Scenario {
  private static final double PER_SECOND = 10;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    OpenLoop loop = new OpenLoop(stage.ports(), PER_SECOND);
    Workflow idle = stage.workflow("idle-warm-up", Conditions.actions());
    loop.during(effort.warmUpSeconds() / 4, List.of(waiting(stage, idle)), 200);
    stage.beginProfile();
    for (int round = 1; round <= effort.rounds(); round++) {
      Workflow workflow = stage.workflow("round-" + round, Conditions.actions());
      // p99 needs some hundreds
      Latencies answers = loop.during(effort.seconds() * 3, List.of(waiting(stage, workflow)), 200);
      stage.requireCompleted(workflow, answers.count());
      report.add("executions", answers.count());
      Conditions.addDurations(stage, report, workflow);
      report.add("execute to answer with Prefer: wait p50, ms", answers.percentile(0.50));
      report.add("execute to answer with Prefer: wait p95, ms", answers.percentile(0.95));
      report.add("execute to answer with Prefer: wait p99, ms", answers.percentile(0.99));
    }
  }

  /** An execute that is answered when the execution is finished. */
  static byte[] waiting(Stage stage, Workflow workflow) {
    return stage.execute(workflow, "Prefer: wait=60\r\n", Conditions.TRIGGER);
  }
}
