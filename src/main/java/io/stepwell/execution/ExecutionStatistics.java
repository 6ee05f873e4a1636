package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps and reads the rollups of finished executions, so that statistics cost the same however long
 * the history is.
 *
 * <p>Whole hours come from the rollups, the broken hours at the edges of a range and what has not
 * finished from the executions themselves.
 */
@ApplicationScoped
public class ExecutionStatistics {
  private static final int SHARDS = 16;

  // ordered, so that two replicas take the rows in one order and never deadlock
  private static final String COUNT =
      """
      insert into execution_stat
        (workflow_id, period_start, status, bucket, shard, workspace_id, executions, duration_ms)
      select e.workflow_id, p.period_start, e.status, duration_bucket(d.ms), ?, e.workspace_id,
        count(*) * ?, sum(d.ms) * ?
      from execution e
      cross join lateral (values
        ('-infinity'::timestamptz), (date_trunc('hour', e.created_at, 'UTC'))) p (period_start)
      cross join lateral (select greatest(0, coalesce(
        floor(extract(epoch from e.finished_at - e.started_at) * 1000)::bigint, 0))) d (ms)
      where e.id = any(?)
      group by 1, 2, 3, 4, 6
      order by 1, 2, 3, 4
      on conflict (workflow_id, period_start, status, bucket, shard) do update
      set executions = execution_stat.executions + excluded.executions,
        duration_ms = execution_stat.duration_ms + excluded.duration_ms
      """;

  private static final String OF_ROLLUPS =
      """
      select status, bucket, sum(executions), sum(duration_ms)
      from execution_stat
      where period_start >= ?::timestamptz and period_start < ?::timestamptz
        and workspace_id = ? and workflow_id = ?
      group by status, bucket
      """;

  private static final String OF_ALL_TIME =
      """
      select status, bucket, sum(executions), sum(duration_ms)
      from execution_stat
      where period_start = '-infinity' and workspace_id = ? and workflow_id = ?
      group by status, bucket
      """;

  private static final String OF_EXECUTIONS =
      """
      select e.status, duration_bucket(d.ms), count(*), sum(d.ms)
      from execution e
      cross join lateral (select greatest(0, coalesce(
        floor(extract(epoch from e.finished_at - e.started_at) * 1000)::bigint, 0))) d (ms)
      where e.id >= ? and e.id < ? and e.finished_at is not null
        and workspace_id = ? and workflow_id = ?
      group by 1, 2
      """;

  private static final String OF_LIVE =
      """
      select status, count(*)
      from execution
      where finished_at is null and workspace_id = ? and workflow_id = ?
      group by status
      """;

  // apart: a range of all ids would ask for their index instead of that of what is live
  private static final String OF_LIVE_WITHIN =
      """
      select status, count(*)
      from execution
      where id >= ? and id < ? and finished_at is null and workspace_id = ? and workflow_id = ?
      group by status
      """;

  // left out for a whole workspace: a plan that is kept uses an index only for what is always asked
  private static final String OF_WORKFLOW = " and workflow_id = ?";

  private static final UUID LEAST = new UUID(0, 0);
  private static final UUID GREATEST = new UUID(-1, -1);

  private final DataSource database;
  private final int shard = new SecureRandom().nextInt(SHARDS);

  ExecutionStatistics(DataSource database) {
    this.database = database;
  }

  /** Counts executions that just finished, in the transaction that finished them. */
  public void count(Connection connection, List<UUID> finished) throws SQLException {
    add(connection, finished, 1);
  }

  /** Takes a finished execution back out, in the transaction that continues it. */
  void discount(Connection connection, UUID finished) throws SQLException {
    add(connection, List.of(finished), -1);
  }

  private void add(Connection connection, List<UUID> executions, int sign) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
      statement.setInt(1, shard);
      statement.setInt(2, sign);
      statement.setInt(3, sign);
      statement.setArray(4, connection.createArrayOf("uuid", executions.toArray()));
      statement.executeUpdate();
    }
  }

  /**
   * The statistics of a workflow or a workspace; the filter's status, user and label are ignored.
   */
  Statistics read(ExecutionFilter filter) {
    Tally tally = new Tally();
    Instant from = filter.from();
    Instant to = filter.to();
    try (Connection connection = database.getConnection()) {
      if (from == null && to == null) {
        try (PreparedStatement statement = prepare(connection, OF_ALL_TIME, filter, 1)) {
          tally.finished(statement);
        }
        try (PreparedStatement statement = prepare(connection, OF_LIVE, filter, 1)) {
          tally.live(statement);
        }
      } else {
        range(connection, filter, tally, from, to);
        try (PreparedStatement statement = prepare(connection, OF_LIVE_WITHIN, filter, 3)) {
          ids(statement, from, to);
          tally.live(statement);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("statistics cannot be read", e);
    }
    return tally.statistics();
  }

  private void range(
      Connection connection,
      ExecutionFilter filter,
      Tally tally,
      @Nullable Instant from,
      @Nullable Instant to)
      throws SQLException {
    @Nullable Instant firstHour = from == null ? null : ceiling(from);
    @Nullable Instant lastHour = to == null ? null : to.truncatedTo(ChronoUnit.HOURS);
    if (firstHour != null && lastHour != null && !firstHour.isBefore(lastHour)) {
      executions(connection, filter, tally, from, to);
      return;
    }
    // every period but the one of all time
    rollups(
        connection,
        filter,
        tally,
        firstHour == null ? "4713-01-01 00:00:00+00 BC" : text(firstHour),
        lastHour == null ? "infinity" : text(lastHour));
    if (from != null && firstHour != null && from.isBefore(firstHour)) {
      executions(connection, filter, tally, from, firstHour);
    }
    if (to != null && lastHour != null && lastHour.isBefore(to)) {
      executions(connection, filter, tally, lastHour, to);
    }
  }

  private static void rollups(
      Connection connection, ExecutionFilter filter, Tally tally, String from, String to)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, OF_ROLLUPS, filter, 3)) {
      statement.setString(1, from);
      statement.setString(2, to);
      tally.finished(statement);
    }
  }

  private static void executions(
      Connection connection,
      ExecutionFilter filter,
      Tally tally,
      @Nullable Instant from,
      @Nullable Instant to)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, OF_EXECUTIONS, filter, 3)) {
      ids(statement, from, to);
      tally.finished(statement);
    }
  }

  private static void ids(PreparedStatement statement, @Nullable Instant from, @Nullable Instant to)
      throws SQLException {
    statement.setObject(1, from == null ? LEAST : firstIdAt(from));
    statement.setObject(2, to == null ? GREATEST : firstIdAt(to));
  }

  /** A query with its scope, a workflow or a whole workspace, from that parameter on. */
  private static PreparedStatement prepare(
      Connection connection, String query, ExecutionFilter filter, int first) throws SQLException {
    boolean whole = filter.workflowId() == null;
    PreparedStatement statement =
        connection.prepareStatement(whole ? query.replace(OF_WORKFLOW, "") : query);
    statement.setObject(first, filter.workspaceId());
    if (!whole) {
      statement.setObject(first + 1, filter.workflowId());
    }
    return statement;
  }

  /** The least id of version 7 that can be given out at that millisecond. */
  static UUID firstIdAt(Instant time) {
    // a time within a millisecond is after every id of that millisecond's beginning
    long millis = time.toEpochMilli() + (time.equals(time.truncatedTo(ChronoUnit.MILLIS)) ? 0 : 1);
    return new UUID(Math.max(0, millis) << 16, 0);
  }

  private static Instant ceiling(Instant time) {
    Instant hour = time.truncatedTo(ChronoUnit.HOURS);
    return hour.equals(time) ? hour : hour.plus(1, ChronoUnit.HOURS);
  }

  private static String text(Instant time) {
    return OffsetDateTime.ofInstant(time, ZoneOffset.UTC).toString();
  }

  /** What has been added up so far. */
  private static final class Tally {
    private final Map<ExecutionStatus, Long> byStatus = new EnumMap<>(ExecutionStatus.class);
    private final DurationHistogram durations = new DurationHistogram();
    private long durationSum;

    Tally() {
      for (ExecutionStatus status : ExecutionStatus.values()) {
        byStatus.put(status, 0L);
      }
    }

    void live(PreparedStatement query) throws SQLException {
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          byStatus.merge(ExecutionStatus.valueOf(rows.getString(1)), rows.getLong(2), Long::sum);
        }
      }
    }

    void finished(PreparedStatement query) throws SQLException {
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          ExecutionStatus status = ExecutionStatus.valueOf(rows.getString(1));
          byStatus.merge(status, rows.getLong(3), Long::sum);
          if (status != ExecutionStatus.CANCELLED) {
            durations.add(rows.getInt(2), rows.getLong(3));
            durationSum += rows.getLong(4);
          }
        }
      }
    }

    Statistics statistics() {
      List<Long> counts = new ArrayList<>(byStatus.values());
      long completed = byStatus.getOrDefault(ExecutionStatus.COMPLETED, 0L);
      long finished = completed + byStatus.getOrDefault(ExecutionStatus.FAILED, 0L);
      return new Statistics(
          counts.stream().mapToLong(Long::longValue).sum(),
          Collections.unmodifiableMap(byStatus),
          finished == 0 ? null : Math.round(completed * 10_000.0 / finished) / 100.0,
          finished == 0 ? null : Math.round((double) durationSum / finished),
          durations.percentile(0.50),
          durations.percentile(0.95));
    }
  }
}
