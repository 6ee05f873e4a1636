package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.TestDatabase;
import io.stepwell.durability.EffectSink.Call;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The service behind a pooler that gives every transaction whatever session is free. */
class PgBouncerIT {
  private static final int MANY = 40;
  private static final Path FOLDER = Path.of("target", "durability", "pgbouncer");
  private static final Path LOG = Path.of("target", "durability", "PgBouncerIT.log");

  private static TestDatabase database;
  private static PgBouncer bouncer;
  private static EffectSink sink;
  private static Replica replica;

  @BeforeAll
  static void a_replica_knows_only_the_pooler() throws IOException {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed: nothing is tested behind it");
    database = TestDatabase.empty();
    bouncer = PgBouncer.start(FOLDER, database);
    sink = EffectSink.open();
    Map<String, String> settings = new HashMap<>();
    settings.put("QUARKUS_DATASOURCE_JDBC_URL", bouncer.jdbcUrl());
    settings.put("QUARKUS_DATASOURCE_USERNAME", database.username());
    settings.put("QUARKUS_DATASOURCE_PASSWORD", database.password());
    TestDatabase.apiUsername()
        .ifPresent(role -> {
          settings.put("STEPWELL_DATABASE_API_USERNAME", role);
          settings.put("STEPWELL_DATABASE_API_PASSWORD", TestDatabase.apiPassword());
        });
    replica = Replica.start(LOG, settings).awaitReady();
    replica
        .post("/api/workspaces", Json.object().put("slug", "durable").put("name", "Pooled"))
        .expect(201);
  }

  @AfterAll
  static void end() {
    if (replica != null) {
      replica.close();
    }
    if (sink != null) {
      sink.close();
    }
    if (bouncer != null) {
      bouncer.close();
    }
    if (database != null) {
      database.close();
    }
  }

  @Test
  void every_execute_is_accepted_ends_and_makes_its_call_once()
      throws IOException, InterruptedException, ExecutionException {
    sink.delay("/call", Duration.ofMillis(200));
    var workflow = Json.object().put("key", "pooled").put("name", "pooled");
    var call = Json.object().put("name", "call").put("type", "call_api");
    call.putObject("config").put("method", "POST").put("url", sink.url("/call"));
    workflow
        .putArray("actions")
        .add(call)
        .add(Replicas.waiting("pause", Duration.ofMillis(300)))
        .add(call.deepCopy().put("name", "again"));
    replica.post(Replicas.path(""), workflow).expect(201);

    List<String> ids = atOnce(() -> execute(replica, "pooled"));
    eventually("all of them").until(() -> Replicas.count(replica, "pooled", "COMPLETED") == MANY);

    assertThat(sink.callsOf("/call"))
        .extracting(Call::key)
        .containsExactlyInAnyOrderElementsOf(
            ids.stream().flatMap(id -> List.of(id + ":call", id + ":again").stream()).toList());
    assertThat(replica.metric("stepwell_journal_refused_total")).isZero();
    assertThat(Files.readString(LOG))
        .contains("A pooler stands before PostgreSQL")
        .doesNotContain("WARN ", "ERROR");
  }

  /** Four sessions serve everybody: what one transaction had set would be another's. */
  @Test
  void no_workspace_stays_with_a_session_of_the_pooler() throws Exception {
    assumeTrue(TestDatabase.apiUsername().isPresent(), "requests have no role of their own");
    atOnce(() -> replica.get("/api/workspaces/durable").expect(200).path("slug").asText());

    List<String> seen =
        atOnce(() -> {
          try (Connection connection =
                  DriverManager.getConnection(
                      bouncer.jdbcUrl() + "?prepareThreshold=0",
                      TestDatabase.apiUsername().orElseThrow(),
                      TestDatabase.apiPassword());
              Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery("select count(*) from workspace")) {
            row.next();
            return row.getString(1);
          }
        });

    assertThat(seen).containsOnly("0");
  }

  private static List<String> atOnce(Callable<String> request)
      throws InterruptedException, ExecutionException {
    try (ExecutorService callers = Executors.newFixedThreadPool(20)) {
      List<Future<String>> answers =
          callers.invokeAll(IntStream.range(0, MANY).mapToObj(i -> request).toList());
      List<String> ids = new ArrayList<>();
      for (Future<String> answer : answers) {
        ids.add(answer.get());
      }
      return ids;
    }
  }

  /** What the launch has set for the role, since no session is anybody's. */
  @Test
  void sessions_of_the_pooler_that_were_opened_since_have_our_settings() throws SQLException {
    try (Connection direct =
            DriverManager.getConnection(
                database.jdbcUrl(), database.username(), database.password());
        Statement statement = direct.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select current_setting('enable_seqscan'), current_setting('jit')")) {
      row.next();
      assertThat(List.of(row.getString(1), row.getString(2))).containsOnly("off");
    }
  }
}
