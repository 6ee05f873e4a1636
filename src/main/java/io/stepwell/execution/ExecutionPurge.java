package io.stepwell.execution;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.workspace.Audit;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** Deletes one ended execution for good, before its time. */
@ApplicationScoped
class ExecutionPurge {
  // a request waits for a lock, but not for ever
  private static final String LOCK =
      """
      with bound as materialized (select set_config('lock_timeout', '5s', true))
      select e.finished_at is not null
      from bound
      cross join execution e
      where e.workspace_id = ? and e.id = ?
      for update of e
      """;

  private final ExecutionQueries queries;
  private final ExecutionRows rows;
  private final Audit audit;
  private final DataSource database;

  ExecutionPurge(ExecutionQueries queries, ExecutionRows rows, Audit audit, DataSource database) {
    this.queries = queries;
    this.rows = rows;
    this.audit = audit;
    this.database = database;
  }

  /**
   * Deletes an execution with all that belongs to it; what it added to the statistics stays. Its
   * idempotency key is free again.
   *
   * @throws Failure {@code execution_not_found}, {@code execution_not_finished}
   */
  void purge(UUID workspaceId, String executionId, String actor) {
    QuarkusTransaction.requiringNew()
        .run(() -> {
          UUID id = queries.existing(workspaceId, executionId);
          try (Connection connection = database.getConnection()) {
            requireEnded(connection, workspaceId, id);
            rows.delete(connection, workspaceId, List.of(id));
          } catch (SQLException e) {
            throw new IllegalStateException("the execution cannot be purged", e);
          }
          audit.record(workspaceId, actor, "execution.purge", id.toString());
        });
  }

  private static void requireEnded(Connection connection, UUID workspaceId, UUID id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, id);
      try (ResultSet row = statement.executeQuery()) {
        // race: another purge came first
        if (!row.next()) {
          throw Failure.notFound("execution", id);
        }
        if (!row.getBoolean(1)) {
          throw Failure.conflict(
              "execution_not_finished", "Only an ended execution can be purged; cancel it first.");
        }
      }
    }
  }
}
