package io.stepwell.execution;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows of another room that belong to executions: they go with them, and are exported with them.
 */
public interface ExecutionBelongings {
  /** What an export calls them: a plural noun. */
  String name();

  /**
   * Deletes those of these executions, in the transaction of the connection.
   *
   * @param executions of uuid
   */
  void delete(Connection connection, UUID workspaceId, Array executions) throws SQLException;

  /**
   * The next one of an execution as clients see it, in the order of their ids.
   *
   * @param after the id of the one before, {@code null} for the first
   */
  Optional<Exported> next(UUID workspaceId, UUID executionId, @Nullable UUID after);

  /** Bytes of the largest one of an execution. */
  long largest(UUID workspaceId, UUID executionId);

  /** One row of an export. */
  record Exported(UUID id, Object document) {}
}
