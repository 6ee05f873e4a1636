package io.stepwell.inbox;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.execution.ExecutionBelongings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/** The notifications and the tasks of an execution go with it. */
final class InboxOfExecutions {
  private static final String DELETE_NOTIFICATIONS =
      """
      delete from notification
      where workspace_id = ? and execution_id = any(?)
      """;

  private static final String DELETE_TASKS =
      """
      delete from task
      where workspace_id = ? and execution_id = any(?)
      """;

  @Produces
  @Singleton
  static ExecutionBelongings notifications() {
    return new Rows(
        Notifications.LIST,
        DELETE_NOTIFICATIONS,
        (workspaceId, executionId, after) ->
            NotificationEntity.nextOfExecution(workspaceId, executionId, after)
                .map(row -> new ExecutionBelongings.Exported(row.id, row.toNotification())),
        NotificationEntity::largestOfExecution);
  }

  @Produces
  @Singleton
  static ExecutionBelongings tasks() {
    return new Rows(
        Tasks.LIST,
        DELETE_TASKS,
        (workspaceId, executionId, after) ->
            TaskEntity.nextOfExecution(workspaceId, executionId, after)
                .map(row -> new ExecutionBelongings.Exported(row.id, row.toTask())),
        TaskEntity::largestOfExecution);
  }

  /** Finds the row of an execution that follows another one. */
  private interface NextRow {
    Optional<ExecutionBelongings.Exported> find(UUID workspaceId, UUID executionId, UUID after);
  }

  /** The rows of one table. */
  private record Rows(
      String name, String deletion, NextRow nextRow, ToLongBiFunction<UUID, UUID> largestRow)
      implements ExecutionBelongings {
    @Override
    public void delete(Connection connection, UUID workspaceId, Array executions)
        throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(deletion)) {
        statement.setObject(1, workspaceId);
        statement.setArray(2, executions);
        statement.executeUpdate();
      }
    }

    @Override
    public Optional<Exported> next(UUID workspaceId, UUID executionId, @Nullable UUID after) {
      return QuarkusTransaction.joiningExisting()
          .call(
              () -> nextRow.find(workspaceId, executionId, after == null ? new UUID(0, 0) : after));
    }

    @Override
    public long largest(UUID workspaceId, UUID executionId) {
      return QuarkusTransaction.joiningExisting()
          .call(() -> largestRow.applyAsLong(workspaceId, executionId));
    }
  }
}
