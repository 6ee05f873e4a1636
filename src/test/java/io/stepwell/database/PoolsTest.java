package io.stepwell.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.stepwell.StubServer;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
class PoolsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Inject DataSource shared;

  @ConfigProperty(name = "quarkus.datasource.jdbc.max-size")
  int size;

  private final DataSource database = TestDatabase.ofService();

  @Test
  void an_execution_ends_while_requests_hold_every_connection_of_theirs() throws SQLException {
    List<Connection> held = new ArrayList<>();
    try (StubServer stub = StubServer.holding()) {
      TestExecution execution =
          TestWorkflow.of(
                  TestWorkspace.create(),
                  "{'name': 'call', 'type': 'call_api', 'config': {'url': '%s'}}"
                      .formatted(stub.url()))
              .start();
      await().atMost(PATIENCE).until(() -> !stub.requests().isEmpty());
      for (int i = 0; i < size; i++) {
        held.add(shared.getConnection());
      }

      stub.release();

      await().atMost(PATIENCE).until(() -> status(execution).equals("COMPLETED"));
      assertThat(RestAssured.get("/q/health/ready").statusCode()).isEqualTo(200);
    } finally {
      for (Connection connection : held) {
        connection.close();
      }
    }
  }

  private String status(TestExecution execution) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select status from execution where id = ?")) {
      statement.setObject(1, UUID.fromString(execution.id()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
