import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plays the one who scales to zero and back: it knows nothing but the query of docs/serverless.md. */
public final class Wake {
  /** How many replicas are needed, as docs/serverless.md has it for KEDA. */
  private static final String NEEDED =
      """
      select count(*) from (
        select 1 from execution_queue
        where due_at <= now() + interval '15 seconds'
        limit 1000) needed""";

  private static final Duration POLL = Duration.ofSeconds(2);
  private static final String EXECUTIONS = "/api/workspaces/zero/workflows/executions/";

  private Wake() {}

  public static void main(String... arguments) throws Exception {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    long waitMs = seconds * 1000L;
    Path folder = Files.createDirectories(Path.of("target", "wake"));
    Database database = Database.create(folder.resolve("postgres"), "wake");
    String id;
    try (Service service = start(database, folder.resolve("first.log"))) {
      service.awaitReady();
      say("a replica is ready");
      service.post("/api/workspaces", "{\"slug\": \"zero\", \"name\": \"Zero\"}", 201);
      service.post(
          "/api/workspaces/zero/workflows",
          """
          {"key": "later", "name": "Later", "actions": [
            {"name": "pause", "type": "wait", "config": {"durationMs": %d}},
            {"name": "tell", "type": "send_notification", "config": {"message": "woken", "recipient": "you"}}]}"""
              .formatted(waitMs),
          201);
      id = service.post("/api/workspaces/zero/workflows/later/execute", "{}", 202).text("id");
      say("execution " + id + " waits for " + seconds + " s");
      TimeUnit.SECONDS.sleep(1);
      say("GET /api/instance/next-due: " + service.get("/api/instance/next-due").body());
      service.stop();
      say("no replica runs any more");
    }
    say("the query says " + database.query(NEEDED));
    while (database.query(NEEDED).equals("0")) {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
    say("the query says " + database.query(NEEDED));
    try (Service service = start(database, folder.resolve("second.log"))) {
      service.awaitReady();
      say("a replica is ready, from zero");
      String execution = service.get(EXECUTIONS + id).body();
      while (execution.contains("\"finishedAt\":null")) {
        TimeUnit.MILLISECONDS.sleep(100);
        execution = service.get(EXECUTIONS + id).body();
      }
      say(execution.substring(execution.indexOf("\"progress\"")));
      String tookMs = database.query("select round(extract(epoch from finished_at - started_at) * 1000) from step_run where path = '0'");
      say("the wait ended %d ms after its time".formatted(Long.parseLong(tookMs) - waitMs));
      say("GET /api/instance/next-due: " + service.get("/api/instance/next-due").body());
      service.stop();
    }
    say("the query says " + database.query(NEEDED) + ": back to zero");
  }

  private static Service start(Database database, Path log) throws Exception {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String application = Path.of("target", "quarkus-app").toString();
    return Service.start(
        List.of(
            java,
            "-XX:AOTCache=" + application + "/stepwell.aot",
            "-XX:+ExitOnOutOfMemoryError",
            "-jar",
            application + "/quarkus-run.jar"),
        database.environment(),
        log);
  }

  private static void say(String what) {
    System.out.println(LocalTime.now().truncatedTo(ChronoUnit.MILLIS) + "  " + what);
  }
}
