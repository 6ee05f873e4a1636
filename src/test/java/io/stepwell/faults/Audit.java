package io.stepwell.faults;

import io.stepwell.faults.History.ExecutionState;
import io.stepwell.faults.History.StepState;
import io.stepwell.launch.BreakablePostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has the database write down every change of executions and steps in the transaction that makes
 * it: what is there was durable, and in which order. An execution and its place in the queue are
 * one state, taken as the transaction commits.
 */
final class Audit {
  private static final String INSTALL =
      """
      create schema audit;
      create table audit.execution (seq bigserial primary key, id uuid, status text, token uuid,
        claims int, at timestamptz default clock_timestamp());
      create table audit.step (seq bigserial primary key, execution_id uuid, path text, status text,
        attempts int, resume_at timestamptz, at timestamptz default clock_timestamp());
      create index on audit.execution (id, seq desc);
      create function audit.note(the_id uuid) returns void language sql as $$
        insert into audit.execution (id, status, token, claims)
        select e.id, e.status, q.lease_token, coalesce(q.claims, 0)
        from public.execution e
        left join public.execution_queue q on q.execution_id = e.id
        where e.id = the_id
          and not exists (
            select 1
            from (
              select status, token, claims from audit.execution
              where id = the_id order by seq desc limit 1) l
            where (l.status, l.token, l.claims)
              is not distinct from (e.status, q.lease_token, coalesce(q.claims, 0)))
      $$;
      create function audit.execution_changed() returns trigger language plpgsql as $$ begin
        perform audit.note(new.id);
        return null;
      end $$;
      create function audit.queue_changed() returns trigger language plpgsql as $$ begin
        perform audit.note(coalesce(new.execution_id, old.execution_id));
        return null;
      end $$;
      create function audit.step_changed() returns trigger language plpgsql as $$ begin
        insert into audit.step (execution_id, path, status, attempts, resume_at)
        values (new.execution_id, new.path, new.status, new.attempts,
          case new.pause when 'TIMER' then new.resume_at end);
        return null;
      end $$;
      create constraint trigger audited after insert or update on public.execution
        deferrable initially deferred
        for each row execute function audit.execution_changed();
      create constraint trigger audited after insert or update or delete on public.execution_queue
        deferrable initially deferred
        for each row execute function audit.queue_changed();
      create trigger audited after insert on public.step_run
        for each row execute function audit.step_changed();
      create trigger audited_change after update on public.step_run for each row
        when ((old.status, old.attempts, old.change, old.resume_at)
          is distinct from (new.status, new.attempts, new.change, new.resume_at))
        execute function audit.step_changed()
      """;

  // of the workspace that the load is in, as its statistics are; what a fault starts is another's
  private static final String EXECUTIONS =
      """
      select a.id, a.status, a.token, a.claims, a.at
      from audit.execution a
      join execution e on e.id = a.id
      join workspace w on w.id = e.workspace_id and w.slug = 'faults'
      order by a.seq
      """;

  // the name stands in the version's definition; the workflows of the suite nest nothing
  private static final String STEPS =
      """
      select a.execution_id, a.path, v.definition -> 'actions' -> a.path::int ->> 'name' as name,
        a.status, a.attempts, a.resume_at, a.at
      from audit.step a
      join execution e on e.id = a.execution_id
      join workflow_version v on v.workflow_id = e.workflow_id and v.version = e.workflow_version
      order by a.seq
      """;

  private Audit() {}

  static void install(BreakablePostgres postgres) {
    postgres.execute(Cluster.DATABASE, INSTALL);
  }

  static List<ExecutionState> executions(BreakablePostgres postgres) throws SQLException {
    List<ExecutionState> states = new ArrayList<>();
    try (Connection connection = postgres.connect(Cluster.DATABASE);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(EXECUTIONS)) {
      while (row.next()) {
        @Nullable String token = row.getString("token");
        states.add(
            new ExecutionState(
                row.getString("id"),
                row.getString("status"),
                token == null ? "" : token,
                row.getInt("claims"),
                row.getTimestamp("at").toInstant()));
      }
    }
    return states;
  }

  static List<StepState> steps(BreakablePostgres postgres) throws SQLException {
    List<StepState> states = new ArrayList<>();
    try (Connection connection = postgres.connect(Cluster.DATABASE);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STEPS)) {
      while (row.next()) {
        @Nullable Timestamp resumeAt = row.getTimestamp("resume_at");
        states.add(
            new StepState(
                row.getString("execution_id"),
                row.getString("path"),
                row.getString("name"),
                row.getString("status"),
                row.getInt("attempts"),
                resumeAt == null ? Instant.EPOCH : resumeAt.toInstant(),
                row.getTimestamp("at").toInstant()));
      }
    }
    return states;
  }

  /** What the database alone can say. */
  static History history(BreakablePostgres postgres) throws SQLException {
    return new History(
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        executions(postgres),
        steps(postgres),
        List.of(),
        0,
        Map.of());
  }
}
