package io.stepwell.execution;

import io.stepwell.TestDatabase;
import io.stepwell.kernel.Ids;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** A database with executions of long ago, made by SQL, since no test can wait for them. */
final class History implements AutoCloseable {
  static final UUID WORKSPACE = UUID.randomUUID();
  static final UUID OTHER = UUID.randomUUID();

  // the same for all rows of a test, and later than what other tests have written
  @SuppressWarnings("TimeInStaticInitializer")
  static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private static final String EXECUTION =
      """
      with changed as (
        insert into execution (id, workspace_id, workflow_id, workflow_version, status, trigger_data,
          labels, user_id, idempotency_key, request_hash, created_at, started_at, finished_at,
          total_steps)
        select ?, w.workspace_id, w.id, 1, ?, '{}', '{"a": "b"}', 'user', ?, ?::bytea, ?, ?, ?, 2
        from workflow w
        where w.workspace_id = ?
        returning *, null as old_status, null::timestamptz as old_finished_at
      ), labelled as (
        insert into execution_label (workspace_id, label, execution_id, workflow_id)
        select workspace_id, 'a:b', id, workflow_id from changed
      ), queued as (
        insert into execution_queue (workspace_id, execution_id, due_at)
        select workspace_id, id, 'infinity' from changed where finished_at is null
      ), steps as (
        insert into step_run (execution_id, path, workspace_id, index, status, attempts, change,
          output, started_at, finished_at)
        select c.id, s.path::text, c.workspace_id, s.path, 'COMPLETED', 1, s.path, '{}', now(), now()
        from changed c, (values (0), (1)) s (path)
      ), notified as (
        insert into notification (id, workspace_id, execution_id, step_path, channel, recipient,
          message, created_at)
        select gen_random_uuid(), workspace_id, id, '0', 'inbox', 'user', 'm', now() from changed
      ), asked as (
        insert into task (id, workspace_id, execution_id, step_path, title, priority, status,
          wait_for_completion, created_at, updated_at)
        select id, workspace_id, id, '0', 't', 'LOW', 'OPEN', false, now(), now() from changed
      ), noted as (
      %s)
      select 1
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  final TestDatabase database = TestDatabase.migrated();
  // one for all of its statements: most tests make hundreds of rows
  private final Connection own = connect();

  History() throws SQLException {
    for (UUID workspace : List.of(WORKSPACE, OTHER)) {
      execute(
          """
          insert into workspace (id, slug, name, created_at, updated_at)
          values (?, ?, 'own', now(), now())
          """,
          workspace,
          "w-" + workspace);
      execute(
          """
          insert into workflow
            (id, workspace_id, key, version, name, enabled, created_at, updated_at)
          values (?, ?, 'flow', 1, 'flow', true, now(), now())
          """,
          workspace,
          workspace);
      execute(
          """
          insert into workflow_version
            (workflow_id, version, workspace_id, definition, created_at, created_by)
          values (?, 1, ?, '{}', now(), 'test')
          """,
          workspace,
          workspace);
    }
  }

  /** One that ended, and took a minute. */
  UUID ended(UUID workspace, Duration ago) throws SQLException {
    return ended(workspace, ago.plusMinutes(1), ago, null);
  }

  UUID ended(UUID workspace, Duration createdAgo, Duration endedAgo, String key)
      throws SQLException {
    return execution(workspace, "COMPLETED", NOW.minus(createdAgo), NOW.minus(endedAgo), key);
  }

  UUID unfinished(UUID workspace, Duration ago) throws SQLException {
    return execution(workspace, "RUNNING", NOW.minus(ago), null, null);
  }

  private UUID execution(
      UUID workspace, String status, Instant created, Instant finished, String key)
      throws SQLException {
    UUID least = Ids.firstAt(created);
    UUID id =
        new UUID(
            least.getMostSignificantBits() | 0x7000L | ThreadLocalRandom.current().nextInt(0x1000),
            Long.MIN_VALUE | ThreadLocalRandom.current().nextLong() >>> 2);
    execute(
        EXECUTION,
        id,
        status,
        key,
        key == null ? null : "\\x00",
        created.toString(),
        created.toString(),
        finished == null ? null : finished.toString(),
        workspace);
    return id;
  }

  /** The first column of every row. */
  List<String> query(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(own, sql, parameters);
        ResultSet rows = statement.executeQuery()) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** How many rows a workspace has in each table that knows executions. */
  List<String> rows(UUID workspace) throws SQLException {
    List<String> rows = new ArrayList<>();
    for (String table :
        List.of("execution", "step_run", "execution_label", "notification", "task")) {
      rows.add(
          table
              + " "
              + query("select count(*) from " + table + " where workspace_id = ?", workspace)
                  .getFirst());
    }
    return rows;
  }

  List<UUID> executions(UUID workspace) throws SQLException {
    return query("select id from execution where workspace_id = ? order by id", workspace).stream()
        .map(UUID::fromString)
        .toList();
  }

  void execute(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(own, sql, parameters)) {
      statement.execute();
    }
  }

  static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i] instanceof String text) {
        // whose type the server knows
        statement.setObject(i + 1, text, java.sql.Types.OTHER);
      } else {
        statement.setObject(i + 1, parameters[i]);
      }
    }
    return statement;
  }

  Connection connect() throws SQLException {
    return database.dataSource().getConnection();
  }

  @Override
  public void close() {
    database.close();
  }
}
