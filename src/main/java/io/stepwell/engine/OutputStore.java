package io.stepwell.engine;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.workspace.WorkspaceScope;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;

/** Reads outputs of steps that a runner does not keep. Thread-safe. */
@ApplicationScoped
class OutputStore {
  private static final String OUTPUT =
      """
      select output::text
      from step_run
      where workspace_id = ? and execution_id = ? and path = ?
      """;

  private final DataSource database;

  OutputStore(DataSource database) {
    this.database = database;
  }

  /**
   * The JSON text of a durable output.
   *
   * @throws Unavailable when the database cannot tell now
   */
  String read(UUID workspaceId, UUID executionId, String path) {
    // on a thread of its own: an interrupt of the caller's must not reach JDBC
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("output-of-" + executionId)
        .start(() -> {
          try {
            output.complete(
                WorkspaceScope.call(
                    workspaceId,
                    () ->
                        QuarkusTransaction.requiringNew()
                            .call(() -> query(workspaceId, executionId, path))));
          } catch (RuntimeException e) {
            output.completeExceptionally(e);
          }
        });
    try {
      return output.join();
    } catch (CompletionException e) {
      throw new Unavailable("the output of step " + path + " cannot be read", e.getCause());
    }
  }

  private String query(UUID workspaceId, UUID executionId, String path) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(OUTPUT)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, executionId);
      statement.setString(3, path);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getString(1) == null) {
          throw new SQLException("there is no output of step " + path);
        }
        return row.getString(1);
      }
    }
  }
}
