package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stepwell.PackagedService;
import io.stepwell.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service as its operator meets it: a process with an environment and an exit code.
 */
class PackagedLaunchIT {
  private static final String KEY = "integration-test-key-0123456789";
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  // what is loaded first of each
  private static final String OPENAPI = " io.smallrye.openapi.api.SmallRyeOpenAPI ";
  private static final String HQL = " org.hibernate.grammars.hql.HqlParser ";

  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end_what_was_started() throws IOException, InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
    Path data = data();
    if (Files.exists(data)) {
      Postmaster.on(data).ifPresent(server -> server.process().destroyForcibly());
      await().atMost(DEADLINE).until(() -> Postmaster.on(data).isEmpty());
    }
  }

  @Test
  void without_settings_it_names_each_missing_one_and_ends_with_code_1()
      throws IOException, InterruptedException {
    Process process = start(Map.of());

    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output())
        .contains(
            "QUARKUS_DATASOURCE_JDBC_URL is not set", "STEPWELL_BOOTSTRAP_ADMIN_KEY is not set")
        .doesNotContain("\tat ", "Exception");
  }

  @Test
  void a_short_key_is_refused() throws IOException, InterruptedException {
    Process process = start(Map.of("STEPWELL_BOOTSTRAP_ADMIN_KEY", "short"), "--embedded");

    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output()).contains("too short").doesNotContain("\tat ");
    assertThat(data()).doesNotExist();
  }

  @Test
  void an_unknown_argument_ends_it_with_code_2() throws IOException, InterruptedException {
    Process process = start(Map.of(), "--embeded");

    assertThat(exitCode(process)).isEqualTo(2);
    assertThat(output()).contains("Unknown argument --embeded", "Usage:");
  }

  @Test
  void help_ends_it_with_code_0() throws IOException, InterruptedException {
    Process process = start(Map.of(), "--help");

    assertThat(exitCode(process)).isZero();
    assertThat(output()).contains("Usage:", "STEPWELL_BOOTSTRAP_ADMIN_KEY");
  }

  @Test
  @EnabledIf("isNative")
  void an_executable_that_is_asked_for_an_embedded_database_says_that_it_has_none()
      throws IOException, InterruptedException {
    Process process = start(Map.of("STEPWELL_BOOTSTRAP_ADMIN_KEY", KEY), "--embedded");

    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output().lines())
        .containsExactly(
            "The native executable brings no PostgreSQL of its own: set QUARKUS_DATASOURCE_JDBC_URL.");
    assertThat(data()).doesNotExist();
  }

  static boolean isNative() {
    return PackagedService.isNative();
  }

  @Test
  void a_start_that_may_not_migrate_waits_for_migrate() throws IOException, InterruptedException {
    try (TestDatabase database = TestDatabase.empty()) {
      Map<String, String> environment = settings(database, freePort());
      environment.put("STEPWELL_MIGRATE_AT_START", "false");

      assertThat(exitCode(start(environment))).isEqualTo(1);
      assertThat(output()).contains("--migrate").hasLineCount(1);

      assertThat(exitCode(start(environment, "--migrate"))).isZero();
      assertThat(output()).contains("applied: " + Migrations.NAMES.size()).hasLineCount(1);

      awaitListening(start(environment));
      assertThat(output()).contains("STEPWELL_DATABASE_API_USERNAME is not set");
    }
  }

  @Test
  void a_role_of_requests_that_nothing_holds_is_refused_in_a_line()
      throws IOException, InterruptedException {
    try (TestDatabase database = TestDatabase.migrated()) {
      Map<String, String> environment = settings(database, freePort());
      environment.put("STEPWELL_DATABASE_API_USERNAME", database.username());
      environment.put("STEPWELL_DATABASE_API_PASSWORD", database.password());

      assertThat(exitCode(start(environment))).isEqualTo(1);
      assertThat(output()).contains("sees every workspace").hasLineCount(1);
    }
  }

  @Test
  @DisabledIf("isNative")
  void a_start_loads_nothing_of_what_it_leaves_out() throws IOException, InterruptedException {
    Path loaded = folder.resolve("loaded");
    int port = freePort();
    try (TestDatabase database = TestDatabase.empty()) {
      Map<String, String> environment = settings(database, port);
      assertThat(exitCode(start(environment, "--migrate"))).isZero();

      environment.put("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + loaded);
      awaitListening(start(environment));

      assertThat(loaded)
          .content()
          .contains("io.stepwell.engine.Dispatcher ")
          .doesNotContain(OPENAPI, HQL);
      assertThat(status(port, "/q/openapi")).isEqualTo(200);
      assertThat(loaded).content().contains(OPENAPI);
    }
  }

  @Test
  void a_migration_that_fails_ends_with_code_1_and_a_line()
      throws IOException, InterruptedException {
    try (TestDatabase database = TestDatabase.empty()) {
      Process process =
          start(
              Map.of(
                  "QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl() + "_absent",
                  "QUARKUS_DATASOURCE_USERNAME", database.username(),
                  "QUARKUS_DATASOURCE_PASSWORD", database.password()),
              "--migrate");

      assertThat(exitCode(process)).isEqualTo(1);
      assertThat(output()).contains("_absent").hasLineCount(1);
    }
  }

  @Test
  @DisabledIf("isNative")
  void a_killed_service_finds_its_embedded_database_again_and_stops_it_in_order()
      throws IOException, InterruptedException, SQLException {
    Process first = startEmbedded();
    Postmaster server = Postmaster.on(data()).orElseThrow();
    execute(server, "create table kept as select 42 as n");
    first.destroyForcibly().waitFor();
    assertThat(Postmaster.on(data()).map(Postmaster::process)).contains(server.process());

    Process second = startEmbedded();

    Postmaster found = Postmaster.on(data()).orElseThrow();
    assertThat(found).isEqualTo(server);
    assertThat(number(found, "select n from kept")).isEqualTo(42);

    second.destroy();
    assertThat(second.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(data().resolve("postmaster.pid")).doesNotExist();
    // the file goes a moment before the process
    await().atMost(DEADLINE).until(() -> !server.process().isAlive());
  }

  private static Map<String, String> settings(TestDatabase database, int port) {
    return new HashMap<>(
        Map.of(
            "QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl(),
            "QUARKUS_DATASOURCE_USERNAME", database.username(),
            "QUARKUS_DATASOURCE_PASSWORD", database.password(),
            "QUARKUS_HTTP_PORT", Integer.toString(port),
            "STEPWELL_BOOTSTRAP_ADMIN_KEY", KEY));
  }

  private void awaitListening(Process service) {
    await()
        .atMost(DEADLINE)
        .failFast(() -> assertThat(service.isAlive()).as("alive; it said %s", output()).isTrue())
        .until(() -> output().contains("Listening on"));
  }

  private Process startEmbedded() throws IOException {
    int port = freePort();
    Process process =
        start(
            Map.of(
                "STEPWELL_BOOTSTRAP_ADMIN_KEY", KEY, "QUARKUS_HTTP_PORT", Integer.toString(port)),
            "--embedded");
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(200))
        .failFast(() -> assertThat(process.isAlive()).as("alive; it said %s", output()).isTrue())
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> status(port, "/q/health/ready") == 200);
    return process;
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(PackagedService.command());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("STEPWELL_"));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private Path data() {
    return folder.resolve(Path.of(".stepwell", "postgres", "data"));
  }

  private static int status(int port, String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
              .timeout(Duration.ofSeconds(10))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static void execute(Postmaster server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int number(Postmaster server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static Connection connect(Postmaster server) throws SQLException {
    return DriverManager.getConnection(
        new EmbeddedPostgres.Server(server.port()).jdbcUrl(EmbeddedPostgres.Server.DATABASE),
        EmbeddedPostgres.Server.USER,
        "");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
