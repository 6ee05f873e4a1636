package io.stepwell.database;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the sessions of a database that was read-only for a while. */
@QuarkusTest
class ReadOnlySpellTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final DataSource database = TestDatabase.ofService();

  @AfterEach
  void mayWrite() throws SQLException {
    execute("alter database %s reset default_transaction_read_only");
  }

  @Test
  void a_service_whose_sessions_were_all_read_only_accepts_executions_again() throws SQLException {
    TestWorkflow workflow =
        TestWorkflow.of(
            TestWorkspace.create(),
            """
            {'name': 'yes', 'type': 'condition', 'config': {'expression': 'true'}}
            """);
    assertThat(workflow.execute("{}").statusCode()).isEqualTo(202);

    execute("alter database %s set default_transaction_read_only = on");
    endAllOtherSessions();
    // at first for want of the sessions that were ended, then because none of the new ones may
    // write
    await()
        .atMost(PATIENCE)
        .during(Duration.ofSeconds(4))
        .until(() -> readiness() == 503 && workflow.execute("{}").statusCode() == 503);
    Response refused = workflow.execute("{}");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isNotNull();
    assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);

    execute("alter database %s reset default_transaction_read_only");

    await().atMost(PATIENCE).until(() -> readiness() == 200);
    await()
        .atMost(PATIENCE)
        .during(Duration.ofSeconds(2))
        .until(() -> workflow.execute("{}").statusCode() == 202);
  }

  private static int readiness() {
    return given().get("/q/health/ready").statusCode();
  }

  private void endAllOtherSessions() throws SQLException {
    execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '%s' and pid <> pg_backend_pid()
        """);
  }

  /** On a session that may write, whatever the database's default is. */
  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set default_transaction_read_only = off");
      String name;
      try (ResultSet row = statement.executeQuery("select current_database()")) {
        row.next();
        name = row.getString(1);
      }
      statement.execute(sql.formatted(name));
    }
  }
}
