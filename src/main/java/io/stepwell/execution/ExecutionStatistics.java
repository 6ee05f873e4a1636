package io.stepwell.execution;

import io.stepwell.kernel.Ids;
import io.stepwell.workspace.RetentionTimes;
import io.stepwell.workspace.Workspace;
import io.stepwell.workspace.WorkspaceDirectory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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
 * Reads statistics, at a cost that does not grow with the history or with what waits.
 *
 * <p>Whole days and hours come from the counts, the broken hours at the edges of a range from the
 * executions themselves; all in one statement, so that the sum is of one moment. Where these are
 * not kept any more, an edge takes its whole hour, or its whole day.
 */
@ApplicationScoped
public class ExecutionStatistics {
  private static final String OF_PERIODS =
      """
      select status, bucket, executions, duration_ms
      from execution_stat
      where period = '%s' and period_start >= ? and period_start < ?
        and workspace_id = ? and workflow_id = ?
      """;

  private static final String OF_ALL_TIME = OF_PERIODS.formatted("ALL");
  private static final String OF_DAYS = OF_PERIODS.formatted("DAY");
  private static final String OF_HOURS = OF_PERIODS.formatted("HOUR");

  private static final String OF_CHANGES =
      """
      select status, bucket, executions, duration_ms
      from execution_stat_change
      where hour >= ? and hour < ? and workspace_id = ? and workflow_id = ?
      """;

  private static final String OF_EXECUTIONS =
      """
      select e.status, duration_bucket(d.ms), 1, d.ms
      from execution e
      %s
      where e.id >= ? and e.id < ?
        and e.status in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')
        and e.workspace_id = ? and workflow_id = ?
      """
          .formatted(ExecutionCounts.DURATION.formatted("e.finished_at", "e.started_at"));

  private static final String SUM =
      """
      select status, bucket, sum(executions), sum(duration_ms)
      from (%s) counts (status, bucket, executions, duration_ms)
      group by status, bucket
      """;

  // left out for a whole workspace: a plan that is kept uses an index only for what is always asked
  private static final String OF_WORKFLOW = " and workflow_id = ?";

  /** For how long hours are counted apart from their days. */
  static final Duration HOURS_KEPT = Duration.ofDays(35);

  private final DataSource database;
  private final WorkspaceDirectory workspaces;
  private final RetentionTimes times;

  ExecutionStatistics(DataSource database, WorkspaceDirectory workspaces, RetentionTimes times) {
    this.database = database;
    this.workspaces = workspaces;
    this.times = times;
  }

  /**
   * The statistics of a workflow or a workspace; the filter's status, user and label are ignored.
   */
  @Transactional
  Statistics read(ExecutionFilter filter) {
    Counted counted = new Counted();
    Instant from = filter.from();
    Instant to = filter.to();
    if (from == null && to == null) {
      counted.periods(OF_ALL_TIME, Instant.MIN, Instant.MAX);
      counted.periods(OF_CHANGES, Instant.MIN, Instant.MAX);
    } else {
      Edges edges = edges(filter.workspaceId());
      counted.range(
          from == null ? Instant.MIN : edges.from(from), to == null ? Instant.MAX : edges.to(to));
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement = counted.prepare(connection, filter);
        ResultSet rows = statement.executeQuery()) {
      return statistics(rows);
    } catch (SQLException e) {
      throw new IllegalStateException("statistics cannot be read", e);
    }
  }

  private Edges edges(UUID workspaceId) {
    @Nullable Integer days =
        workspaces.byId(workspaceId).map(Workspace::retentionDays).orElse(null);
    return new Edges(
        floor(times.now().minus(HOURS_KEPT), ChronoUnit.DAYS),
        times.executionsBefore(days).orElse(Instant.MIN));
  }

  /**
   * Widens a range to what is known of its edges.
   *
   * @param hoursSince the midnight from which on hours are counted
   * @param executionsSince from when on every execution is there
   */
  private record Edges(Instant hoursSince, Instant executionsSince) {
    Instant from(Instant time) {
      if (time.isBefore(hoursSince)) {
        return floor(time, ChronoUnit.DAYS);
      }
      return time.isBefore(executionsSince) ? floor(time, ChronoUnit.HOURS) : time;
    }

    Instant to(Instant time) {
      if (time.isBefore(hoursSince)) {
        return ceiling(time, ChronoUnit.DAYS);
      }
      return time.isBefore(executionsSince) ? ceiling(time, ChronoUnit.HOURS) : time;
    }
  }

  /** What is to be added up, and the two bounds of each. */
  private static final class Counted {
    private final List<String> parts = new ArrayList<>();
    private final List<Object> bounds = new ArrayList<>();

    /** {@link Instant#MIN} and {@link Instant#MAX} are open ends. */
    void range(Instant from, Instant to) {
      Instant firstHour = ceiling(from, ChronoUnit.HOURS);
      Instant lastHour = floor(to, ChronoUnit.HOURS);
      if (!firstHour.isBefore(lastHour)) {
        executions(from, to);
        return;
      }
      executions(from, firstHour);
      Instant firstDay = ceiling(firstHour, ChronoUnit.DAYS);
      Instant lastDay = floor(lastHour, ChronoUnit.DAYS);
      if (firstDay.isBefore(lastDay)) {
        periods(OF_HOURS, firstHour, firstDay);
        periods(OF_DAYS, firstDay, lastDay);
        periods(OF_HOURS, lastDay, lastHour);
      } else {
        periods(OF_HOURS, firstHour, lastHour);
      }
      periods(OF_CHANGES, firstHour, lastHour);
      executions(lastHour, to);
    }

    void periods(String part, Instant from, Instant to) {
      add(part, time(from), time(to));
    }

    private void executions(Instant from, Instant to) {
      add(OF_EXECUTIONS, Ids.firstAt(from), Ids.firstAt(to));
    }

    private void add(String part, Object first, Object last) {
      parts.add(part);
      bounds.add(first);
      bounds.add(last);
    }

    PreparedStatement prepare(Connection connection, ExecutionFilter filter) throws SQLException {
      boolean whole = filter.workflowId() == null;
      String query = SUM.formatted(String.join(" union all ", parts));
      PreparedStatement statement =
          connection.prepareStatement(whole ? query.replace(OF_WORKFLOW, "") : query);
      int parameter = 0;
      for (int i = 0; i < bounds.size(); i += 2) {
        statement.setObject(++parameter, bounds.get(i));
        statement.setObject(++parameter, bounds.get(i + 1));
        statement.setObject(++parameter, filter.workspaceId());
        if (!whole) {
          statement.setObject(++parameter, filter.workflowId());
        }
      }
      return statement;
    }
  }

  private static Instant floor(Instant time, ChronoUnit unit) {
    return time.equals(Instant.MIN) || time.equals(Instant.MAX) ? time : time.truncatedTo(unit);
  }

  private static Instant ceiling(Instant time, ChronoUnit unit) {
    Instant floor = floor(time, unit);
    return floor.equals(time) ? time : floor.plus(1, unit);
  }

  /** As the database takes it; the driver knows the ends of that type as its infinities. */
  private static OffsetDateTime time(Instant time) {
    if (time.equals(Instant.MIN)) {
      return OffsetDateTime.MIN;
    }
    return time.equals(Instant.MAX)
        ? OffsetDateTime.MAX
        : OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
  }

  private static Statistics statistics(ResultSet rows) throws SQLException {
    Map<ExecutionStatus, Long> byStatus = new EnumMap<>(ExecutionStatus.class);
    for (ExecutionStatus status : ExecutionStatus.values()) {
      byStatus.put(status, 0L);
    }
    DurationHistogram durations = new DurationHistogram();
    long durationSum = 0;
    while (rows.next()) {
      ExecutionStatus status = ExecutionStatus.valueOf(rows.getString(1));
      byStatus.merge(status, rows.getLong(3), Long::sum);
      if (status == ExecutionStatus.COMPLETED || status == ExecutionStatus.FAILED) {
        durations.add(rows.getInt(2), rows.getLong(3));
        durationSum += rows.getLong(4);
      }
    }
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
