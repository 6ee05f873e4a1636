package server;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Fills the tables by SQL, by the hundred thousand, with copies of an execution that the service
 * made itself: only what must differ is named here, so that a new column needs no change.
 */
public final class Seed {
  private static final long CHUNK = 500_000;

  /** An id of version 7 for the time {@code at}, distinct for each {@code n}. */
  private static final String ID =
      """
      (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
        || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid
      """;

  /** As the service counts what finished, but all at once. */
  private static final String COUNT =
      """
      with known as materialized (
        select ms, duration_bucket(ms) as bucket from generate_series(0::bigint, 5000) ms),
      hourly as materialized (
        select e.workflow_id, date_trunc('hour', e.created_at, 'UTC') as hour, e.status,
          coalesce(k.bucket, duration_bucket(d.ms)) as bucket, e.workspace_id,
          count(*) as executions, sum(d.ms) as ms
        from execution e
        cross join lateral (
          select floor(extract(epoch from e.finished_at - e.started_at) * 1000)::bigint) d (ms)
        left join known k on k.ms = d.ms
        where e.workflow_id = '%s' and e.finished_at is not null
        group by 1, 2, 3, 4, 5)
      insert into execution_stat
        (workflow_id, period, period_start, status, bucket, workspace_id, executions, duration_ms)
      select h.workflow_id, p.period, p.period_start, h.status, h.bucket, h.workspace_id,
        sum(h.executions), sum(h.ms)
      from hourly h
      cross join lateral (values
        ('ALL', '-infinity'::timestamptz), ('DAY', date_trunc('day', h.hour, 'UTC')),
        ('HOUR', h.hour))
        p (period, period_start)
      group by 1, 2, 3, 4, 5, 6
      """;

  private static final String LABEL =
      """
      insert into execution_label (workspace_id, label, execution_id, workflow_id)
      select e.workspace_id, l.key || ':' || l.value, e.id, e.workflow_id
      from execution e
      cross join lateral jsonb_each_text(e.labels) l
      where e.workflow_id = '%s' and e.labels <> '{}'
      """;

  private static final String NOTE =
      """
      insert into execution_stat_change
        (workspace_id, workflow_id, hour, status, bucket, executions, duration_ms)
      select workspace_id, workflow_id, date_trunc('hour', created_at, 'UTC'), status, 0, %d, 0
      from execution
      where id = '%s'
      """;

  private static final String INDEXES =
      """
      select indexrelid::regclass, pg_get_indexdef(indexrelid)
      from pg_index i
      where indrelid = 'execution'::regclass and not indisprimary
        and pg_get_indexdef(indexrelid) not like '%finished_at IS NULL%'
      """;

  private final Database database;

  public Seed(Database database) {
    this.database = database;
  }

  /**
   * Adds so many finished executions, evenly over the last 90 days, and counts them in the
   * statistics. One in ten is FAILED and one in ten has the label {@code env:prod}; the oldest
   * twenty are of the user {@code first} and have the label {@code age:old}. They have no rows of
   * steps, which lists and statistics do not read.
   */
  public void finished(UUID workflow, UUID template, long count) throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("id", ID);
    columns.put("created_at", "at");
    columns.put("started_at", "at + interval '2 milliseconds'");
    columns.put("finished_at", "at + (3 + (n * 7919) % 4000) * interval '1 millisecond'");
    columns.put("status", "case when n % 10 = 0 then 'FAILED' else 'COMPLETED' end");
    columns.put("user_id", "case when n <= 20 then 'first' else t.user_id end");
    columns.put(
        "labels",
        """
        case when n <= 20 then '{"age": "old"}' when n % 10 = 1 then '{"env": "prod"}'
          else '{}' end::jsonb\
        """);
    String at = "now() - interval '90 days' * (1 - n / %d.0)".formatted(count);

    Map<String, String> indexes = dropIndexes();
    database.execute("set session_replication_role = replica");
    for (long n = 0; n < count; n += CHUNK) {
      copy("execution", template, columns, n + 1, Math.min(count, n + CHUNK), at);
    }
    database.execute("set session_replication_role = origin");
    for (String definition : indexes.values()) {
      database.execute(definition);
    }
    for (String counts : List.of("execution_stat_change", "execution_stat")) {
      database.execute("delete from " + counts + " where workflow_id = '" + workflow + "'");
    }
    database.execute(COUNT.formatted(workflow));
    database.execute(LABEL.formatted(workflow));
    database.execute("vacuum (analyze) execution, execution_label, execution_stat");
    database.execute("checkpoint");
  }

  /** Adds executions that ended sixty days ago, with copies of the steps of one that ended. */
  public void old(UUID template, long count) throws SQLException {
    String at = "now() - interval '60 days' + n * interval '1 millisecond'";
    Map<String, String> execution =
        Map.of("id", ID, "created_at", "at", "started_at", "at", "finished_at", "at");
    database.execute("set session_replication_role = replica");
    // one transaction: an execution and its steps have one id, which is made from the time
    database.execute("begin");
    for (long n = 0; n < count; n += CHUNK) {
      long last = Math.min(count, n + CHUNK);
      copy("execution", template, execution, n + 1, last, at);
      copy("step_run", template, Map.of("execution_id", ID), n + 1, last, at);
    }
    database.execute("commit");
    database.execute("set session_replication_role = origin");
    database.execute("vacuum (analyze) execution, step_run");
    database.execute("checkpoint");
  }

  /**
   * Adds executions that wait, copies of one that does; they are due at times spread evenly over a
   * span that begins at the returned instant.
   */
  public Instant waiting(
      UUID template, long from, long upTo, double firstInSeconds, double spanSeconds)
      throws SQLException {
    String due =
        "now() + (%s + %s * (n - %d) / %d.0) * interval '1 second'"
            .formatted(firstInSeconds, spanSeconds, from, upTo - from);
    database.execute("set session_replication_role = replica");
    database.execute("begin");
    Instant now =
        Instant.ofEpochMilli(database.number("select (extract(epoch from now()) * 1000)::bigint"));
    for (long n = from; n < upTo; n += CHUNK) {
      long last = Math.min(upTo, n + CHUNK);
      copy("execution", template, Map.of("id", ID), n + 1, last, "now()");
      copy(
          "execution_queue",
          template,
          Map.of("execution_id", ID, "due_at", due),
          n + 1,
          last,
          "now()");
      copy(
          "step_run", template, Map.of("execution_id", ID, "resume_at", due), n + 1, last, "now()");
    }
    database.execute(NOTE.formatted(upTo - from, template));
    database.execute("commit");
    database.execute("set session_replication_role = origin");
    return now.plusMillis((long) (firstInSeconds * 1000));
  }

  /** Moves the timers of a workflow's waiting executions, spread evenly over a span. */
  public void moveTimers(UUID workflow, double firstInSeconds, double spanSeconds)
      throws SQLException {
    database.execute(
        """
        with moved as (
          update execution_queue q
          set due_at = now() + (%s + %s * random()) * interval '1 second'
          from execution e
          where e.workflow_id = '%s' and q.workspace_id = e.workspace_id and q.execution_id = e.id
          returning q.workspace_id, q.execution_id, q.due_at)
        update step_run s
        set resume_at = moved.due_at
        from moved
        where s.workspace_id = moved.workspace_id and s.execution_id = moved.execution_id
          and s.resume_at is not null
        """
            .formatted(firstInSeconds, spanSeconds, workflow));
  }

  private void copy(
      String table, UUID template, Map<String, String> replaced, long first, long last, String at)
      throws SQLException {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    try (Statement statement = database.connection().createStatement();
        ResultSet columns = statement.executeQuery("select * from " + table + " limit 0")) {
      for (int i = 1; i <= columns.getMetaData().getColumnCount(); i++) {
        String name = columns.getMetaData().getColumnName(i);
        names.add(name);
        values.add(replaced.getOrDefault(name, "t." + name));
      }
    }
    String key = table.equals("execution") ? "id" : "execution_id";
    database.execute(
        """
        insert into %s (%s)
        select %s
        from %s t, generate_series(%d::bigint, %d) n, lateral (select %s) a (at)
        where t.%s = '%s'
        """
            .formatted(
                table,
                String.join(", ", names),
                String.join(", ", values),
                table,
                first,
                last,
                at,
                key,
                template));
  }

  /** Those of what is unfinished stay: the running service looks there all the time. */
  private Map<String, String> dropIndexes() throws SQLException {
    Map<String, String> indexes = new LinkedHashMap<>();
    try (Statement statement = database.connection().createStatement();
        ResultSet rows = statement.executeQuery(INDEXES)) {
      while (rows.next()) {
        indexes.put(rows.getString(1), rows.getString(2));
      }
    }
    for (String index : indexes.keySet()) {
      database.execute("drop index " + index);
    }
    return indexes;
  }
}
