package scenario;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import load.HttpConnection;
import load.Latencies;
import report.Report;
import server.Seed;
import server.Stage;
import server.Stage.Workflow;

/** Pages of the list with statistics, while the history grows. */
public final class History implements Scenario {
  private static final int REQUESTS = 400;
  private static final int WARM_UP = 2_000;

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Workflow workflow = stage.workflow("history", Conditions.actions());
    Map<String, Double> atFirst = new LinkedHashMap<>();
    for (long size : effort.sizes()) {
      stage
          .database()
          .execute(
              "truncate execution, execution_label, execution_stat, execution_stat_change cascade");
      UUID template = UUID.fromString(execute(stage, workflow));
      stage.database().awaitAllFinished(workflow.id(), 30);
      long start = System.nanoTime();
      new Seed(stage.database()).finished(workflow.id(), template, size - 1);
      String at = "%,11d: ".formatted(size);
      report.add(at + "seconds to seed", (System.nanoTime() - start) / 1e9);
      stage.requireTotal(workflow, size);
      Map<String, byte[]> requests = requests(stage, workflow);
      // a cold service would make the smallest history look dear, and the others cheap beside it
      boolean cold = atFirst.isEmpty();
      // plans and caches first, then all kinds in turn, so that a disturbance meets them alike
      measure(stage, requests, effort.scaled(cold ? WARM_UP : REQUESTS / 2));
      stage.beginProfile();
      for (int round = 1; round <= effort.rounds(); round++) {
        measure(stage, requests, effort.scaled(REQUESTS))
            .forEach((name, times) -> {
              report.add(at + name + " p50, ms", times.percentile(0.50));
              report.add(at + name + " p99, ms", times.percentile(0.99));
            });
      }
      for (String name : requests.keySet()) {
        double p99 = Report.median(report.figures().get(at + name + " p99, ms"));
        atFirst.putIfAbsent(name, p99);
        report.add(at + name + " p99, ratio to the smallest history", p99 / atFirst.get(name));
      }
    }
  }

  private static Map<String, byte[]> requests(Stage stage, Workflow workflow) throws Exception {
    String list = "/workflows/" + workflow.key() + "/executions";
    Instant to = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Map<String, byte[]> requests = new LinkedHashMap<>();
    requests.put("first page and statistics", stage.get(list + "?limit=20"));
    String middle = middleOf(stage, workflow);
    String cursor = stage.read(list + "?limit=1&to=" + middle).member("nextCursor");
    requests.put(
        "page in the middle and statistics", stage.get(list + "?limit=20&cursor=" + cursor));
    String from = to.minus(Duration.ofDays(30)).toString();
    String range = "&from=" + from + "&to=" + to;
    Map<String, String> filters = new LinkedHashMap<>();
    filters.put("failed ones", "&status=FAILED");
    filters.put("cancelled or failed ones", "&status=CANCELLED,FAILED");
    filters.put("cancelled ones", "&status=CANCELLED");
    filters.put("a user's", "&userId=" + userOf(stage, workflow));
    filters.put("an early user's", "&userId=first");
    filters.put("those of a common label", "&label=env:prod");
    filters.put("those of an early label", "&label=age:old");
    filters.forEach((what, query) -> {
      requests.put(what + " and statistics", stage.get(list + "?limit=20" + query));
      requests.put(what + " of the workspace", stage.get("/workflows/executions?limit=20" + query));
      requests.put(what + ", 30 days", stage.get(list + "?limit=20" + query + range));
      requests.put(
          what + " of the workspace, 30 days",
          stage.get("/workflows/executions?limit=20" + query + range));
    });
    requests.put("statistics of 30 days", stage.get(list + "?limit=1&from=" + from + "&to=" + to));
    return requests;
  }

  /** Who executed it. */
  private static String userOf(Stage stage, Workflow workflow) throws Exception {
    return stage
        .database()
        .text(
            "select user_id from execution where workflow_id = ? order by id desc limit 1",
            workflow.id());
  }

  /** When the execution in the middle of the history was created. */
  private static String middleOf(Stage stage, Workflow workflow) throws Exception {
    long millis =
        stage
            .database()
            .number(
                """
                select floor(extract(epoch from
                  min(created_at) + (max(created_at) - min(created_at)) / 2) * 1000)::bigint
                from execution
                where workflow_id = ?
                """,
                workflow.id());
    return Instant.ofEpochMilli(millis).toString();
  }

  private static Map<String, Latencies> measure(Stage stage, Map<String, byte[]> requests, int each)
      throws Exception {
    Map<String, Latencies> times = new LinkedHashMap<>();
    try (HttpConnection connection = HttpConnection.open(stage.ports().getFirst())) {
      for (int i = 0; i < each; i++) {
        for (Map.Entry<String, byte[]> request : requests.entrySet()) {
          long start = System.nanoTime();
          connection.exchange(request.getValue()).expect(200);
          times
              .computeIfAbsent(request.getKey(), name -> new Latencies())
              .add(System.nanoTime() - start);
        }
      }
    }
    return times;
  }

  static String execute(Stage stage, Workflow workflow) throws Exception {
    try (HttpConnection connection = HttpConnection.open(stage.ports().getFirst())) {
      return connection
          .exchange(stage.execute(workflow, "", Conditions.TRIGGER))
          .expect(202)
          .member("id");
    }
  }
}
