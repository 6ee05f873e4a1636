package scenario;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import load.Latencies;
import load.OpenLoop;
import report.Report;
import server.Seed;
import server.Stage;
import server.Stage.Workflow;

/**
 * Executes at a fixed rate, first alone and then while a million old executions of five steps are
 * deleted.
 */
public final class Retention implements Scenario {
  private static final int OLD = 1_000_000;
  private static final double PER_SECOND = 100;
  private static final long LONGEST_MINUTES = 60;

  private static final String LEFT =
      "select count(*) from (select 1 from execution where id < '%s' limit 1) old"
          .formatted(yesterday());

  /** It looks often, so that a round need not wait for it. */
  @Override
  public Map<String, String> environment() {
    return Map.of("STEPWELL_RETENTION_INTERVAL", "2s");
  }

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
    Workflow old = stage.workflow("old", Conditions.actions());
    UUID template = UUID.fromString(History.execute(stage, old));
    stage.database().awaitAllFinished(old.id(), 30);
    OpenLoop loop = new OpenLoop(stage.ports(), PER_SECOND);
    int executions = effort.scaled(OLD);
    for (int round = 1; round <= effort.rounds(); round++) {
      new Seed(stage.database()).old(template, executions);
      Workflow alone = stage.workflow("alone-" + round, Conditions.actions());
      Latencies without = loop.during(effort.seconds() * 3, List.of(execute(stage, alone)), 202);

      Workflow beside = stage.workflow("beside-" + round, Conditions.actions());
      long start = System.nanoTime();
      keep(stage, "1");
      Latencies with = loop.whilst(new Left(stage), List.of(execute(stage, beside)), 202);
      double seconds = (System.nanoTime() - start) / 1e9;
      keep(stage, "null");
      stage.requireCompleted(beside, with.count());

      report.add("old executions deleted", executions);
      report.add("old executions deleted a second", executions / seconds);
      report.add("execute p50 without, ms", without.percentile(0.50));
      report.add("execute p50 meanwhile, ms", with.percentile(0.50));
      report.add("execute p99 without, ms", without.percentile(0.99));
      report.add("execute p99 meanwhile, ms", with.percentile(0.99));
      report.add("execute p99, ratio", with.percentile(0.99) / without.percentile(0.99));
    }
  }

  private static byte[] execute(Stage stage, Workflow workflow) {
    return stage.execute(workflow, "", Conditions.TRIGGER);
  }

  private static void keep(Stage stage, String days) throws Exception {
    stage.call("PATCH", "/api/workspaces/bench", "{\"retentionDays\": " + days + "}").expect(200);
  }

  /** Looks once a second whether there are old ones left. */
  private static final class Left implements BooleanSupplier {
    private final Stage stage;
    private final long start = System.nanoTime();
    private long next = start;
    private boolean left = true;

    Left(Stage stage) {
      this.stage = stage;
    }

    @Override
    public synchronized boolean getAsBoolean() {
      long now = System.nanoTime();
      if (now - start > TimeUnit.MINUTES.toNanos(LONGEST_MINUTES)) {
        throw new IllegalStateException("the old executions stay");
      }
      if (left && now >= next) {
        next = now + TimeUnit.SECONDS.toNanos(1);
        try {
          left = stage.database().number(LEFT) == 1;
        } catch (SQLException failure) {
          throw new IllegalStateException(failure);
        }
      }
      return left;
    }
  }

  private static UUID yesterday() {
    return new UUID(System.currentTimeMillis() - TimeUnit.DAYS.toMillis(1) << 16, 0);
  }
}
