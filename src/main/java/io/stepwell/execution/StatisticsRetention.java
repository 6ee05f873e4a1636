package io.stepwell.execution;

import io.stepwell.workspace.DeletingSweep;
import io.stepwell.workspace.Retention;
import io.stepwell.workspace.RetentionTimes;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/**
 * Folds the counts of hours into those of their days, which are there already; those of a deleted
 * workspace go as a whole.
 */
@Singleton
@Priority(Retention.STATISTICS)
class StatisticsRetention implements Retention {
  /** A day after {@link ExecutionStatistics#HOURS_KEPT}: who reads them may have an older clock. */
  static final Duration HOURS = ExecutionStatistics.HOURS_KEPT.plusDays(1);

  private static final String DELETE_COUNTS =
      """
      delete from execution_stat
      where (workspace_id, workflow_id, period, period_start, status, bucket) in (
        select s.workspace_id, s.workflow_id, s.period, s.period_start, s.status, s.bucket
        from execution_stat s
        where s.workspace_id = ? %s
        order by s.workspace_id, s.period, s.period_start
        limit ?
        for update skip locked)
      """;

  private static final String DELETE_HOURS =
      DELETE_COUNTS.formatted("and s.period = 'HOUR' and s.period_start < ?");
  private static final String DELETE_ALL = DELETE_COUNTS.formatted("");

  private final RetentionTimes times;

  StatisticsRetention(RetentionTimes times) {
    this.times = times;
  }

  @Override
  public Sweep of(Subject workspace) {
    return workspace.deleted()
        ? new DeletingSweep("execution_stat", DELETE_ALL, List.of(workspace.workspaceId()))
        : new DeletingSweep(
            "execution_stat",
            DELETE_HOURS,
            List.of(workspace.workspaceId(), times.now().minus(HOURS)));
  }
}
