package scenario;

import java.util.Optional;
import load.ClosedLoop;
import report.Report;
import server.ProcessUsage;
import server.Reference;
import server.Service;
import server.Stage;
import server.Stage.Workflow;
import server.Usage;

/** Five conditions an execution, as fast as the clients can, until all are COMPLETED. */
public final class Conditions implements Scenario {
  static final int STEPS = 5;
  static final String TRIGGER = "{\"amount\": 42}";
  static final String REFERENCE = "pgbench: seven commits an execution, executions/s";
  static final String THROUGHPUT = "executions/s until all are COMPLETED";
  static final String RATIO = "ratio to pgbench's seven commits";
  static final double PATIENCE_SECONDS = 300;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Optional<Reference> reference = Reference.on(stage);
    if (reference.isEmpty()) {
      report.note("No pgbench on PATH: no references and no ratio.");
    }
    report.note(
        "None was lost: the database and the API's statistics count all of them COMPLETED.");
    warmUp(stage, effort, "warm-up", actions());
    stage.beginProfile();
    for (int round = 1; round <= effort.rounds(); round++) {
      double seven = Double.NaN;
      if (reference.isPresent()) {
        double seconds = effort.seconds() / 2;
        report.add(
            "pgbench: one insert a commit, commits/s",
            reference.get().insertsPerSecond(effort.clients(), seconds));
        seven = reference.get().sevenWritesPerSecond(effort.clients(), seconds);
        report.add(REFERENCE, seven);
        report.add(
            "pgbench: a hundred executions a commit, executions/s",
            reference.get().hundredToACommitPerSecond(effort.clients(), seconds));
      }
      double reached = measure(stage, effort, report, stage.workflow("round-" + round, actions()));
      if (reference.isPresent()) {
        report.add(RATIO, reached / seven);
      }
    }
  }

  /** Executes a workflow of those actions for a while, and returns it once all are finished. */
  static Workflow warmUp(Stage stage, Effort effort, String key, String actions) throws Exception {
    Workflow workflow = stage.workflow(key, actions);
    ClosedLoop loop = new ClosedLoop(stage.ports(), effort.clients());
    loop.during(effort.warmUpSeconds(), stage.execute(workflow, "", TRIGGER), 202);
    stage.database().awaitAllFinished(workflow.id(), PATIENCE_SECONDS);
    return workflow;
  }

  /** One round; returns executions a second until all were COMPLETED. */
  static double measure(Stage stage, Effort effort, Report report, Workflow workflow)
      throws Exception {
    stage.database().execute("checkpoint");
    byte[] request = stage.execute(workflow, "", TRIGGER);
    Usage before = stage.usage();
    double start = System.currentTimeMillis() / 1000.0;
    ClosedLoop.Answered accepted =
        new ClosedLoop(stage.ports(), effort.clients()).during(effort.seconds(), request, 202);
    double accepting = stage.usage().since(before).seconds();
    stage.database().awaitAllFinished(workflow.id(), PATIENCE_SECONDS);
    Usage used = stage.usage().since(before);
    int count = accepted.count();
    stage.requireCompleted(workflow, count);

    double rate = count / (stage.database().lastFinished(workflow.id()) - start);
    double thousands = count / 1000.0;
    report.add("executions", count);
    report.add(THROUGHPUT, rate);
    report.add("steps/s", rate * STEPS);
    report.add("accepted executions/s while sending", count / accepting);
    report.add("answer to execute p50, ms", accepted.latencies().percentile(0.50));
    report.add("answer to execute p99, ms", accepted.latencies().percentile(0.99));
    addDurations(stage, report, workflow);
    report.add(
        "CPU s per 1,000 executions, service and database",
        (used.serviceCpu() + used.databaseCpu()) / thousands);
    report.add("CPU s per 1,000 executions, service", used.serviceCpu() / thousands);
    report.add("CPU s per 1,000 executions, database", used.databaseCpu() / thousands);
    report.add("CPU s per 1,000 executions, load client", used.clientCpu() / thousands);
    report.add("commits per execution", used.commits() / count);
    if (stage.database().countsStatements()) {
      report.add("statements per execution", used.queries() / count);
    }
    report.add("WAL KiB per execution", used.walBytes() / 1024 / count);
    double resident = 0;
    double peak = 0;
    for (Service service : stage.services()) {
      resident += ProcessUsage.residentMiB(service.pid());
      peak += ProcessUsage.peakResidentMiB(service.pid());
    }
    report.add("resident MiB, all replicas", resident);
    report.add("resident MiB at most, all replicas", peak);
    return rate;
  }

  /** From createdAt to finishedAt, as the database has them. */
  static void addDurations(Stage stage, Report report, Workflow workflow) throws Exception {
    double[] ms =
        stage
            .database()
            .numbers(
                """
                select percentile_disc(0.50) within group (order by ms),
                  percentile_disc(0.95) within group (order by ms),
                  percentile_disc(0.99) within group (order by ms)
                from execution
                cross join lateral (
                  select extract(epoch from finished_at - created_at) * 1000) d (ms)
                where workflow_id = ?
                """,
                workflow.id());
    report.add("createdAt to finishedAt p50, ms", ms[0]);
    report.add("createdAt to finishedAt p95, ms", ms[1]);
    report.add("createdAt to finishedAt p99, ms", ms[2]);
  }

  static String actions() {
    StringBuilder actions = new StringBuilder("[");
    for (int step = 1; step <= STEPS; step++) {
      actions
          .append(step == 1 ? "" : ", ")
          .append(
              """
              {"name": "check_%d", "type": "condition",
               "config": {"field": "trigger.amount", "operator": "greater_than", "value": %d}}
              """
                  .formatted(step, step));
    }
    return actions.append("]").toString();
  }
}
