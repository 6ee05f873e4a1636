package io.stepwell.execution;

import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Deletes ended executions with all that belongs to them. What they added to the statistics stays.
 */
@Singleton
class ExecutionRows {
  private static final String DELETE_STEPS =
      """
      delete from step_run
      where workspace_id = ? and execution_id = any(?)
      """;

  // its key begins with the label
  private static final String DELETE_LABELS =
      """
      delete from execution_label l
      using execution e
      cross join lateral jsonb_each_text(e.labels) t
      where e.workspace_id = ? and e.id = any(?) and l.workspace_id = e.workspace_id
        and l.label = t.key || ':' || t.value and l.execution_id = e.id
      """;

  // tickets go with them
  private static final String DELETE_EXECUTIONS =
      """
      delete from execution
      where workspace_id = ? and id = any(?)
      """;

  private final List<ExecutionBelongings> belongings;

  ExecutionRows(@All List<ExecutionBelongings> belongings) {
    this.belongings = belongings;
  }

  /** Deletes them; the transaction of the connection has locked their rows and found them ended. */
  void delete(Connection connection, UUID workspaceId, Collection<UUID> executions)
      throws SQLException {
    Array ids = connection.createArrayOf("uuid", executions.toArray());
    for (ExecutionBelongings rows : belongings) {
      rows.delete(connection, workspaceId, ids);
    }
    for (String delete : List.of(DELETE_STEPS, DELETE_LABELS, DELETE_EXECUTIONS)) {
      try (PreparedStatement statement = connection.prepareStatement(delete)) {
        statement.setObject(1, workspaceId);
        statement.setArray(2, ids);
        statement.executeUpdate();
      }
    }
  }
}
