package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of steps. An output that is not wanted for its size stays in the database.
 *
 * <p>It joins the transaction of its caller.
 */
@ApplicationScoped
class StepRows {
  // the output of a step that still waits is what it will have once it is done
  private static final String READ =
      """
      with told as materialized (
        select s.index, s.path, s.status, s.attempts, s.change, s.started_at, s.finished_at,
          d.output, d.error, octet_length(d.output::text) as output_bytes,
          octet_length(d.error::text) as error_bytes
        from step_run s
        cross join lateral (select
          case when s.change > ? and s.status <> 'RUNNING' then s.output end,
          case when s.change > ? then s.error end) d (output, error)
        where s.workspace_id = ? and s.execution_id = ? %s
      ), weighed as (
        select *, output_bytes <= ? and ? >= sum(coalesce(error_bytes, 0)
            + case when output_bytes <= ? then output_bytes else 0 end)
          over (order by index) as fits
        from told
      )
      select path, status, attempts, change, case when fits then output::text end,
        case when not fits then output_bytes else 0 end,
        coalesce(output_bytes, 0) + coalesce(error_bytes, 0), error::text, started_at, finished_at
      from weighed
      order by index
      """;

  private static final String READ_ALL = READ.formatted("");
  private static final String READ_ONE = READ.formatted("and s.path = ?");

  private static final String COUNT =
      """
      select execution_id, status, count(*)
      from step_run
      where workspace_id = ? and execution_id = any(?)
      group by execution_id, status
      """;

  private final DataSource database;

  StepRows(DataSource database) {
    this.database = database;
  }

  /**
   * What of the steps is read besides their status.
   *
   * @param after output and error only of steps whose last change has a greater number
   * @param outputBytes no output of more bytes than this
   * @param bytes no output beyond this many bytes of outputs and errors together, in the order of
   *     the steps
   */
  record Wanted(int after, long outputBytes, long bytes) {
    static final Wanted STATUS = new Wanted(Integer.MAX_VALUE, 0, 0);
    static final Wanted WEIGHT = new Wanted(-1, 0, 0);

    static Wanted upTo(long bytes) {
      return new Wanted(-1, Long.MAX_VALUE, bytes);
    }
  }

  /** Every step that has a row, in the order of the steps. */
  @Transactional
  List<StepRow> read(UUID workspaceId, UUID executionId, Wanted wanted) {
    return read(workspaceId, executionId, wanted, null);
  }

  /** The row of a step, empty for one that has not begun. */
  @Transactional
  Optional<StepRow> read(UUID workspaceId, UUID executionId, String path, Wanted wanted) {
    return read(workspaceId, executionId, wanted, path).stream().findFirst();
  }

  private List<StepRow> read(
      UUID workspaceId, UUID executionId, Wanted wanted, @Nullable String path) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(path == null ? READ_ALL : READ_ONE)) {
      int next = 1;
      statement.setInt(next++, wanted.after());
      statement.setInt(next++, wanted.after());
      statement.setObject(next++, workspaceId);
      statement.setObject(next++, executionId);
      if (path != null) {
        statement.setString(next++, path);
      }
      statement.setLong(next++, wanted.outputBytes());
      statement.setLong(next++, wanted.bytes());
      statement.setLong(next++, wanted.outputBytes());
      List<StepRow> rows = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.add(row(row));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException("steps cannot be read", e);
    }
  }

  private static StepRow row(ResultSet row) throws SQLException {
    return new StepRow(
        row.getString(1),
        StepStatus.valueOf(row.getString(2)),
        row.getInt(3),
        row.getInt(4),
        row.getString(5),
        row.getLong(6),
        row.getLong(7),
        row.getString(8),
        time(row, 9),
        time(row, 10));
  }

  static @Nullable Instant time(ResultSet row, int column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** How many steps of each execution have each status; an execution without rows is not there. */
  @Transactional
  Map<UUID, Map<StepStatus, Integer>> count(UUID workspaceId, List<UUID> executions) {
    Map<UUID, Map<StepStatus, Integer>> counts = new HashMap<>();
    if (executions.isEmpty()) {
      return counts;
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(COUNT)) {
      statement.setObject(1, workspaceId);
      statement.setArray(2, connection.createArrayOf("uuid", executions.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          counts
              .computeIfAbsent(row.getObject(1, UUID.class), id -> new HashMap<>())
              .put(StepStatus.valueOf(row.getString(2)), row.getInt(3));
        }
      }
      return counts;
    } catch (SQLException e) {
      throw new IllegalStateException("steps cannot be counted", e);
    }
  }
}
