package io.stepwell.faults;

import java.time.Duration;

/** Rows as replicas that are gone would have left them. */
final class Seeds {
  /** Ids as the service makes them, of version 7. */
  private static final String ID =
      """
      (lpad(to_hex((extract(epoch from %s) * 1000)::bigint), 12, '0') || '7'
        || lpad(to_hex(g %% 4096), 3, '0') || '8' || substr(md5('%s' || g), 1, 15))::uuid
      """;

  private static final String LABELLED =
      "select count(*) from execution where labels ->> 'seed' = '%s' and status = 'COMPLETED'";

  static final String TIMERS_COMPLETED = LABELLED.formatted("timer");
  static final String BACKLOG_COMPLETED = LABELLED.formatted("backlog");

  private static final String OF_TIMERS = " from execution where labels ->> 'seed' = 'timer'";

  static final String DUE_MILLIS =
      "select (extract(epoch from min((labels ->> 'due')::timestamptz)) * 1000)::bigint"
          + OF_TIMERS;
  static final String TIMERS_EARLY =
      "select count(*)" + OF_TIMERS + " and finished_at < (labels ->> 'due')::timestamptz";
  static final String DRAINED_MILLIS =
      "select (extract(epoch from max(finished_at - (labels ->> 'due')::timestamptz)) * 1000)::bigint"
          + OF_TIMERS;

  private Seeds() {}

  /** Executions that all wait until the same second. */
  static String timers(int count, Duration from) {
    String now = "now()";
    return """
    begin;
    set local session_replication_role = replica;
    insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
      labels, user_id, created_at, started_at, total_steps, change)
    select %1$s, w.workspace_id, w.id, 1, 'RUNNING', '{}',
      jsonb_build_object('seed', 'timer', 'due', now() + interval '%2$d seconds'), 'admin',
      now(), now(), 2, 1
    from generate_series(1, %3$d) g, workflow w where w.key = 'sleeps';
    insert into execution_queue (workspace_id, execution_id, due_at)
    select workspace_id, id, now() + interval '%2$d seconds'
      + row_number() over () %% 1000 * interval '1 millisecond'
    from execution where labels ->> 'seed' = 'timer';
    insert into step_run (execution_id, path, workspace_id, index, status, attempts, change,
      started_at, pause, resume_at)
    select e.id, '0', e.workspace_id, 0, 'RUNNING', 1, 1, now(), 'TIMER', q.due_at
    from execution e join execution_queue q on q.execution_id = e.id
    where e.labels ->> 'seed' = 'timer';
    commit
    """
        .formatted(ID.formatted(now, "timer"), from.toSeconds(), count);
  }

  /**
   * Executions of an hour ago, a third each: accepted and never begun, begun by a replica that
   * died, and with a wait that has ended since.
   */
  static String backlog(int each) {
    String then = "now() - interval '1 hour'";
    return """
    begin;
    insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
      labels, user_id, created_at, total_steps)
    select %1$s, w.workspace_id, w.id, 1, 'PENDING', '{}',
      '{"seed": "backlog", "kind": "pending"}', 'admin', now() - interval '1 hour', 2
    from generate_series(1, %4$d) g, workflow w where w.key = 'decides';
    insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
      labels, user_id, created_at, started_at, total_steps)
    select %2$s, w.workspace_id, w.id, 1, 'RUNNING', '{}', '{"seed": "backlog", "kind": "dead"}',
      'admin', now() - interval '1 hour', now() - interval '1 hour', 2
    from generate_series(1, %4$d) g, workflow w where w.key = 'decides';
    insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
      labels, user_id, created_at, started_at, total_steps, change)
    select %3$s, w.workspace_id, w.id, 1, 'RUNNING', '{}', '{"seed": "backlog", "kind": "slept"}',
      'admin', now() - interval '1 hour', now() - interval '1 hour', 2, 1
    from generate_series(1, %4$d) g, workflow w where w.key = 'sleeps';
    insert into execution_queue (workspace_id, execution_id, due_at, lease_token, claims)
    select workspace_id, id, now() - interval '30 minutes',
      case labels ->> 'kind' when 'dead' then gen_random_uuid() end,
      case labels ->> 'kind' when 'dead' then 1 else 0 end
    from execution where labels ->> 'seed' = 'backlog';
    insert into step_run (execution_id, path, workspace_id, index, status, attempts, change,
      started_at, pause, resume_at)
    select e.id, '0', e.workspace_id, 0, 'RUNNING', 1, 1, e.started_at, 'TIMER', q.due_at
    from execution e join execution_queue q on q.execution_id = e.id
    where e.labels ->> 'kind' = 'slept';
    commit
    """
        .formatted(
            ID.formatted(then, "pending"),
            ID.formatted(then, "dead"),
            ID.formatted(then, "slept"),
            each);
  }
}
