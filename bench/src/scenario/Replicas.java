package scenario;

import report.Report;
import server.Stage;

/** One replica, then a second one on the same database: how five conditions share. */
public final class Replicas implements Scenario {
  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Conditions.warmUp(stage, effort, "warm-up-one", Conditions.actions());
    for (int round = 1; round <= effort.rounds(); round++) {
      report.add(
          "one replica, executions/s", round(stage, effort, new Report("unused"), "one-" + round));
    }
    stage.addReplica();
    Conditions.warmUp(stage, effort, "warm-up-two", Conditions.actions());
    stage.beginProfile();
    for (int round = 1; round <= effort.rounds(); round++) {
      round(stage, effort, report, "two-" + round);
    }
    report.add(
        "ratio of two replicas to one",
        Report.median(report.figures().get(Conditions.THROUGHPUT))
            / Report.median(report.figures().get("one replica, executions/s")));
  }

  private static double round(Stage stage, Effort effort, Report report, String key)
      throws Exception {
    return Conditions.measure(stage, effort, report, stage.workflow(key, Conditions.actions()));
  }
}
