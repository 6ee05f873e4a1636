package io.stepwell.workspace;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** Looks into the tables, and changes them as another replica would. */
final class Database {
  private final DataSource source = TestDatabase.ofService();

  int update(String sql, Object... parameters) {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = prepare(connection, sql, parameters)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The first column of every row. */
  List<String> query(String sql, Object... parameters) {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = prepare(connection, sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** A waiting execution of a workflow that does nothing. */
  UUID execution(UUID workspaceId) {
    UUID workflow = UUID.randomUUID();
    UUID execution = UUID.randomUUID();
    update(
        """
        insert into workflow (id, workspace_id, key, name, enabled, version, created_at, updated_at)
        values (?, ?, ?, 'w', false, 1, now(), now())
        """,
        workflow,
        workspaceId,
        "w-" + workflow);
    update(
        """
        insert into workflow_version (workflow_id, version, workspace_id, definition, created_at, created_by)
        values (?, 1, ?, '{}', now(), 'test')
        """,
        workflow,
        workspaceId);
    update(
        """
        insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
                               user_id, created_at, total_steps)
        values (?, ?, ?, 1, 'PENDING', '{}', 'test', now(), 0)
        """,
        execution,
        workspaceId,
        workflow);
    update(
        """
        insert into execution_queue (workspace_id, execution_id, due_at)
        values (?, ?, now() + interval '1 year')
        """,
        workspaceId,
        execution);
    return execution;
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }
}
