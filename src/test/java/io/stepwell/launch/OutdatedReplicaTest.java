package io.stepwell.launch;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
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

/** What becomes of a replica when the schema moves on past its release while it runs. */
@QuarkusTest
class OutdatedReplicaTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String DUE = "select count(*) from execution_queue where due_at <= now()";
  private static final String NEEDS = "update schema_requirement set needs = ";

  private final DataSource database = TestDatabase.ofService();

  @AfterEach
  void anyRelease() throws SQLException {
    execute(NEEDS + 4);
    await().atMost(PATIENCE).until(() -> readiness() == 200);
  }

  @Test
  void it_is_not_ready_and_accepts_and_claims_nothing_until_the_schema_needs_it_no_newer()
      throws SQLException {
    TestWorkflow workflow =
        TestWorkflow.of(
            TestWorkspace.create(),
            """
            {'name': 'later', 'type': 'wait', 'config': {'durationMs': 14000}}
            """);
    TestExecution waiting = workflow.start("{}");

    execute(NEEDS + 1_000);
    await().atMost(PATIENCE).until(() -> readiness() == 503);

    Response refused = workflow.execute("{}");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.path("detail").toString()).contains("too old");
    await().atMost(PATIENCE).until(() -> number(DUE) > 0);
    // several looks at the queue later
    await().atMost(PATIENCE).during(Duration.ofSeconds(3)).until(() -> number(DUE) > 0);
    assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);

    execute(NEEDS + 4);

    await().atMost(PATIENCE).until(() -> readiness() == 200);
    assertThat(waiting.awaitEnd().path("status").asText()).isEqualTo("COMPLETED");
    assertThat(workflow.execute("{}").statusCode()).isEqualTo(202);
  }

  private static int readiness() {
    return given().get("/q/health/ready").statusCode();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
