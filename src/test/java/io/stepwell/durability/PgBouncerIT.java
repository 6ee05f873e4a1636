package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.TestDatabase;
import io.stepwell.durability.EffectSink.Call;
import io.stepwell.durability.Replicas.Place;
import java.io.IOException;
import java.io.Reader;
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
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service behind a pooler that gives every transaction whatever session is free. */
class PgBouncerIT {
  private static final int MANY = 40;
  private static final int SESSIONS = 4;
  private static final Path LOG = Path.of("target", "durability", "PgBouncerIT-0.log");

  @RegisterExtension
  static final Replicas replicas = Replicas.oneOn(PgBouncerIT::pooled, roleOfRequests());

  private static final String OF_DRIVER = "quarkus.datasource.jdbc.additional-jdbc-properties.";

  private static TestDatabase database;
  private static PgBouncer bouncer;

  private static Map<String, String> roleOfRequests() {
    return TestDatabase.apiUsername()
        .map(role ->
            Map.of(
                "STEPWELL_DATABASE_API_USERNAME",
                role,
                "STEPWELL_DATABASE_API_PASSWORD",
                TestDatabase.apiPassword()))
        .orElse(Map.of());
  }

  private static Place pooled(Path folder) throws IOException {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed: nothing is tested behind it");
    database = TestDatabase.empty();
    Map<String, String> users = new HashMap<>(Map.of(database.username(), database.password()));
    TestDatabase.apiUsername().ifPresent(role -> users.put(role, TestDatabase.apiPassword()));
    bouncer = PgBouncer.start(folder, SESSIONS, database.jdbcUrl(), users);
    return new Place(
        bouncer.jdbcUrl(), database.username(), database.password(), List.of(bouncer, database));
  }

  @Test
  void every_execute_is_accepted_ends_and_makes_its_call_once()
      throws IOException, InterruptedException, ExecutionException {
    Replica replica = replicas.a();
    replicas.sink().delay("/call", Duration.ofMillis(200));
    String workflow =
        replicas.workflow(
            replicas.call("call", "/call"),
            Replicas.waiting("pause", Duration.ofMillis(300)),
            replicas.call("again", "/call"));

    List<String> ids = atOnce(() -> execute(replica, workflow));
    eventually("all of them").until(() -> Replicas.count(replica, workflow, "COMPLETED") == MANY);

    assertThat(replicas.sink().callsOf("/call"))
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
    atOnce(() -> replicas.a().get("/api/workspaces/durable").expect(200).path("slug").asText());

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
    try (Connection direct = database.dataSource().getConnection();
        Statement statement = direct.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select current_setting('enable_seqscan'), current_setting('jit')")) {
      row.next();
      assertThat(List.of(row.getString(1), row.getString(2))).containsOnly("off");
    }
  }

  /** Else the pool that opens one and those who have the sessions wait for each other. */
  @Test
  void a_connection_is_opened_while_every_session_of_the_pooler_is_taken()
      throws IOException, SQLException {
    List<Connection> taken = new ArrayList<>();
    try {
      for (int i = 0; i < SESSIONS; i++) {
        Connection session = replicas.connect();
        taken.add(session);
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
          statement.execute("set local idle_in_transaction_session_timeout = 0");
        }
      }
      Properties properties = propertiesOfDriver();
      properties.setProperty("user", database.username());
      properties.setProperty("password", database.password());
      properties.setProperty("socketTimeout", "20");

      try (Connection opened = DriverManager.getConnection(bouncer.jdbcUrl(), properties)) {
        assertThat(opened.isClosed()).isFalse();
      }
    } finally {
      for (Connection session : taken) {
        session.close();
      }
    }
  }

  private static Properties propertiesOfDriver() throws IOException {
    Properties all = new Properties();
    try (Reader settings =
        Files.newBufferedReader(Path.of("src", "main", "resources", "application.properties"))) {
      all.load(settings);
    }
    Properties ofDriver = new Properties();
    all.stringPropertyNames().stream()
        .filter(name -> name.startsWith(OF_DRIVER))
        .forEach(name ->
            ofDriver.setProperty(name.substring(OF_DRIVER.length()), all.getProperty(name)));
    return ofDriver;
  }
}
