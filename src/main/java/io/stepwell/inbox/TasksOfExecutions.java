package io.stepwell.inbox;

import io.stepwell.execution.ExecutionBelongings;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The tasks of an execution go with it. */
@Singleton
class TasksOfExecutions implements ExecutionBelongings {
  private static final String DELETE =
      """
      delete from task
      where workspace_id = ? and execution_id = any(?)
      """;

  @Override
  public String name() {
    return Tasks.LIST;
  }

  @Override
  public void delete(Connection connection, UUID workspaceId, Array executions)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
      statement.setObject(1, workspaceId);
      statement.setArray(2, executions);
      statement.executeUpdate();
    }
  }

  @Override
  @Transactional
  public Optional<Exported> next(UUID workspaceId, UUID executionId, @Nullable UUID after) {
    return TaskEntity.nextOfExecution(
            workspaceId, executionId, after == null ? new UUID(0, 0) : after)
        .map(task -> new Exported(task.id, task.toTask()));
  }

  @Override
  @Transactional
  public long largest(UUID workspaceId, UUID executionId) {
    return TaskEntity.largestOfExecution(workspaceId, executionId);
  }
}
