package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Counts the executions of a workspace that are unfinished. A bean of its own: only who counts
 * needs a transaction, and not everybody who is let pass.
 */
@ApplicationScoped
class UnfinishedCount {
  // served by execution_stat_unfinished: one row for each workflow and status; and the notes of
  // about a second
  private static final String COUNT =
      """
      select coalesce(sum(c.executions), 0)
      from (
        select s.executions
        from execution_stat s
        where s.workspace_id = ? and s.period = 'ALL' and s.status in ('PENDING', 'RUNNING')
        union all
        select n.executions
        from execution_stat_change n
        where n.workspace_id = ? and n.status in ('PENDING', 'RUNNING')
      ) c
      """;

  private final DataSource database;

  UnfinishedCount(DataSource database) {
    this.database = database;
  }

  @Transactional
  long of(UUID workspaceId) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(COUNT)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, workspaceId);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the unfinished executions cannot be counted", e);
    }
  }
}
