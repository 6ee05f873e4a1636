package io.stepwell.execution;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Loop;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

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
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** How many notes one statement adds up at most. */
  static final int BATCH = 10_000;

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

  // one replica at a time, so that none waits for another's rows: who comes meanwhile takes
  // nothing.
  // Which notes are taken first does not matter
  private static final String ADD_UP =
      """
      with taken as (
        delete from execution_stat_change c
        -- by their places, whatever the planner believes of the table: it is empty at most times
        where c.ctid = any (array(
          select ctid from execution_stat_change
          where (select pg_try_advisory_xact_lock('execution_stat'::regclass::oid::bigint))
          order by workspace_id, id
          limit ?))
        returning c.*
      ), added as (
        insert into execution_stat
          (workflow_id, period, period_start, status, bucket, workspace_id, executions,
          duration_ms)
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
      )
      select count(*) from taken
      """;

  private final DataSource database;
  private final Loop loop = Loop.of("execution-counts", this::addUpWhatIsNoted);
  // at first, too: what a replica that died has left
  private volatile boolean noted = true;

  ExecutionCounts(@Named("instance") DataSource database, ExecutionChanges changes) {
    this.database = database;
    changes.onChange(execution -> noted = true);
    changes.onDue(() -> noted = true);
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  void stop(@Observes ShutdownEvent event) {
    loop.stop();
  }

  /** About once a second; idle, it asks the database nothing. */
  private boolean addUpWhatIsNoted() throws SQLException, InterruptedException {
    if (!loop.rest(INTERVAL) || !noted) {
      return false;
    }
    noted = false;
    int taken = BATCH;
    try {
      while (taken == BATCH && !loop.isStopping()) {
        taken = addUp();
        loop.turning();
      }
    } finally {
      // trouble leaves the notes there; and until nothing is left another replica may have passed
      // its own over because of this one
      noted |= taken > 0;
    }
    return false;
  }

  /** Adds the notes to the counts, a batch of them at most; how many. */
  int addUp() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(ADD_UP)) {
      statement.setInt(1, BATCH);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
