package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On one server for all tests; it is stopped with this process, like any other. */
class EmbeddedPostgresTest {
  private static final Path FOLDER = Path.of("target", "embedded-postgres-test").toAbsolutePath();
  private static final Path DATA = FOLDER.resolve("data");

  @Test
  void who_opens_the_same_folder_at_once_gets_the_same_server()
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<EmbeddedPostgres.Server> one = threads.submit(() -> EmbeddedPostgres.open(FOLDER));
      Future<EmbeddedPostgres.Server> two = threads.submit(() -> EmbeddedPostgres.open(FOLDER));
      assertThat(one.get()).isEqualTo(two.get());
    }
  }

  @Test
  void a_killed_server_is_started_again_with_all_that_was_committed()
      throws IOException, SQLException, InterruptedException, ExecutionException, TimeoutException {
    EmbeddedPostgres.Server server = EmbeddedPostgres.open(FOLDER);
    execute(server, "create table if not exists kept (n int)");
    execute(server, "truncate kept");
    execute(server, "insert into kept values (42)");
    ProcessHandle killed = Postmaster.on(DATA).orElseThrow().process();
    killed.destroyForcibly();
    killed.onExit().get(20, TimeUnit.SECONDS);

    EmbeddedPostgres.Server again = EmbeddedPostgres.open(FOLDER);

    assertThat(Postmaster.on(DATA).orElseThrow().process().pid()).isNotEqualTo(killed.pid());
    try (Connection connection = connect(again);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select n from kept")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(42);
    }
  }

  @Test
  void a_copy_of_a_running_servers_folder_is_not_taken_for_that_server(@TempDir Path copy)
      throws IOException {
    EmbeddedPostgres.open(FOLDER);
    Files.copy(DATA.resolve("postmaster.pid"), copy.resolve("postmaster.pid"));

    assertThatThrownBy(() -> Postmaster.on(copy))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining(DATA.toString())
        .hasMessageContaining("delete the file");
  }

  @Test
  void a_file_that_names_another_program_is_taken_away(@TempDir Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    long ours = ProcessHandle.current().pid();
    Files.write(file, List.of(Long.toString(ours), data.toString()));

    assertThat(Postmaster.on(data)).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void archives_are_named_as_on_maven_central() {
    assertThat(PostgresBinaries.archive("Linux", "amd64")).isEqualTo("postgres-linux-x86_64.txz");
    assertThat(PostgresBinaries.archive("Linux", "aarch64")).isEqualTo("postgres-linux-arm_64.txz");
    assertThat(PostgresBinaries.archive("Mac OS X", "aarch64"))
        .isEqualTo("postgres-darwin-arm_64.txz");
  }

  private static void execute(EmbeddedPostgres.Server server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect(EmbeddedPostgres.Server server) throws SQLException {
    return DriverManager.getConnection(
        server.jdbcUrl(EmbeddedPostgres.Server.DATABASE), EmbeddedPostgres.Server.USER, "");
  }
}
