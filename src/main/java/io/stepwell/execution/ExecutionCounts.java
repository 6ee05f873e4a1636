package io.stepwell.execution;

import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Keeps the counts that statistics are made of, so that these cost the same however long the
 * history is.
 *
 * <p>Whoever changes the status of executions notes the change in the same transaction; about once
 * a second the notes are added to the counts of the hour, the day and all time. Notes and counts
 * together are exact at any moment. Thread-safe.
 */
@ApplicationScoped
public class ExecutionCounts {
  private static final Logger LOG = Logger.getLogger(ExecutionCounts.class);

  /**
   * Gives {@code d.ms}, how long an execution took, from when it finished and when it started: 0
   * while one of them is unknown. What is counted and what is counted one by one must agree.
   */
  static final String DURATION =
      """
      cross join lateral (select greatest(0, coalesce(
        floor(extract(epoch from %s - %s) * 1000)::bigint, 0))) d (ms)\
      """;

  /**
   * Ends a statement whose common table expression {@code changed} has changed executions: with
   * their {@code workspace_id}, {@code workflow_id}, {@code created_at}, {@code started_at}, {@code
   * status} and {@code finished_at} as they are now, and {@code old_status} and {@code
   * old_finished_at} as they were; {@code old_status} is null for new ones.
   */
  public static final String NOTE_CHANGED =
      """
      insert into execution_stat_change
        (workspace_id, workflow_id, hour, status, bucket, executions, duration_ms)
      select c.workspace_id, c.workflow_id, date_trunc('hour', c.created_at, 'UTC'), s.status,
        duration_bucket(d.ms), sum(s.executions), sum(s.executions * d.ms)
      from changed c
      cross join lateral (values
        (c.status, c.finished_at, 1), (c.old_status, c.old_finished_at, -1))
        s (status, finished_at, executions)
      %s
      where s.status is not null and c.status is distinct from c.old_status
      group by 1, 2, 3, 4, 5
      """
          .formatted(DURATION.formatted("s.finished_at", "c.started_at"));

  // one replica at a time, so that none waits for another's rows: who comes meanwhile takes nothing
  private static final String ADD_UP =
      """
      with taken as (
        delete from execution_stat_change
        where (select pg_try_advisory_xact_lock('execution_stat'::regclass::oid::bigint))
        returning *
      )
      insert into execution_stat
        (workflow_id, period, period_start, status, bucket, workspace_id, executions, duration_ms)
      select t.workflow_id, p.period, p.period_start, t.status, t.bucket, t.workspace_id,
        sum(t.executions), sum(t.duration_ms)
      from taken t
      cross join lateral (values
        ('ALL', '-infinity'::timestamptz), ('DAY', date_trunc('day', t.hour, 'UTC')),
        ('HOUR', t.hour))
        p (period, period_start)
      group by 1, 2, 3, 4, 5, 6
      on conflict (workspace_id, workflow_id, period, period_start, status, bucket) do update
      set executions = execution_stat.executions + excluded.executions,
        duration_ms = execution_stat.duration_ms + excluded.duration_ms
      """;

  private final DataSource database;
  // at first, too: what a replica that died has left
  private volatile boolean noted = true;

  ExecutionCounts(DataSource database, ExecutionChanges changes) {
    this.database = database;
    changes.onChange(execution -> noted = true);
    changes.onDue(() -> noted = true);
  }

  /** Idle, it asks the database nothing. */
  @Scheduled(every = "1s", delayed = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @RunOnVirtualThread
  void addUpWhatIsNoted() {
    if (!noted) {
      return;
    }
    noted = false;
    try {
      // until nothing is left: another replica may have passed its own over because of this one
      if (addUp() > 0) {
        noted = true;
      }
    } catch (SQLException | RuntimeException e) {
      // whatever it is, the notes are still there
      noted = true;
      LOG.warnf("the statistics cannot be added up, trying again: %s", e.getMessage());
    }
  }

  /** Adds the notes to the counts; how many counts have changed. */
  int addUp() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(ADD_UP)) {
      return statement.executeUpdate();
    }
  }
}
