package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.stepwell.TestDatabase;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database of its own with a workflow, and the parts of the engine that work on it by hand. */
final class EngineDatabase implements AutoCloseable {
  final UUID workspaceId = UUID.randomUUID();
  final UUID workflowId = UUID.randomUUID();

  private final TestDatabase database = TestDatabase.migrated();
  private final Connection own = connect();

  EngineDatabase() throws SQLException {
    execute(
        "insert into workspace (id, slug, name, created_at, updated_at)"
            + " values (?, 'own', 'own', now(), now())",
        workspaceId);
    execute(
        "insert into workflow (id, workspace_id, key, version, name, enabled, created_at,"
            + " updated_at) values (?, ?, 'flow', 1, 'flow', true, now(), now())",
        workflowId,
        workspaceId);
    execute(
        "insert into workflow_version (workflow_id, version, workspace_id, definition, created_at,"
            + " created_by) values (?, 1, ?, '{}', now(), 'test')",
        workflowId,
        workspaceId);
  }

  DataSource dataSource() {
    return database.dataSource();
  }

  Connection connect() throws SQLException {
    return dataSource().getConnection();
  }

  static EngineConfig config(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(EngineConfig.class)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(EngineConfig.class);
  }

  /** The queue as a replica sees it. */
  TestReplica replica(Map<String, String> properties) {
    return new TestReplica(dataSource(), properties);
  }

  TestReplica replica() {
    return replica(Map.of());
  }

  JournalWriter writer() {
    return writer(dataSource());
  }

  /** Writes entries whose leases are held, and that nobody has locked. */
  void write(JournalEntry... entries) throws SQLException {
    JournalWriter.Written written =
        writer().write(List.of(entries), JournalWriter.Locks.EXPECT_NONE);
    assertThat(written).isEqualTo(new JournalWriter.Written());
  }

  JournalWriter writer(DataSource source) {
    return new JournalWriter(source, (connection, effects) -> {});
  }

  /** An execution that is due. */
  UUID due() throws SQLException {
    UUID id = UUID.randomUUID();
    execute(
        "insert into execution (id, workspace_id, workflow_id, workflow_version, status,"
            + " trigger_data, user_id, created_at, total_steps)"
            + " values (?, ?, ?, 1, 'PENDING', '{}', 'user', now(), 2)",
        id,
        workspaceId,
        workflowId);
    execute(
        "insert into execution_queue (workspace_id, execution_id, due_at, bytes)"
            + " values (?, ?, now(), 2)",
        workspaceId,
        id);
    return id;
  }

  /** Cancels it, with the statements that matter to others. */
  static void cancel(Connection connection, UUID execution) throws SQLException {
    execute(
        connection,
        "update execution set status = 'CANCELLED', finished_at = now() where id = ?",
        execution);
    execute(connection, "delete from execution_queue where execution_id = ?", execution);
  }

  void execute(String sql, Object... parameters) throws SQLException {
    execute(own, sql, parameters);
  }

  static void execute(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      statement.executeUpdate();
    }
  }

  /** Takes the lock that a cancel takes first. */
  static void lock(Connection connection, UUID execution) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select 1 from execution_queue where execution_id = ? for no key update")) {
      bind(statement, execution);
      statement.executeQuery().close();
    }
  }

  /** The one value that a query gives, as text. */
  @Nullable String value(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = own.prepareStatement(sql)) {
      bind(statement, parameters);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : "no row";
      }
    }
  }

  @Nullable String status(UUID execution) throws SQLException {
    return value("select status from execution where id = ?", execution);
  }

  /** The status of each step, by path. */
  @Nullable String steps(UUID execution) throws SQLException {
    return value(
        "select string_agg(path || ' ' || status, ', ' order by path) from step_run"
            + " where execution_id = ?",
        execution);
  }

  private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  static Lease lease(Claim claim) {
    return new Lease(claim.workspaceId(), claim.executionId(), claim.token(), System.nanoTime());
  }

  static JournalEntry.Step step(String path, StepStatus status, int change) {
    boolean ended = status != StepStatus.RUNNING;
    return new JournalEntry.Step(
        path,
        0,
        status,
        1,
        change,
        ended ? Json.object().put("path", path) : null,
        null,
        Instant.now(),
        ended ? Instant.now() : null,
        null,
        new JournalEntry.Never());
  }

  static JournalEntry entry(Claim claim, JournalEntry.Step... steps) {
    return entry(claim, null, steps);
  }

  static JournalEntry entry(
      Claim claim, JournalEntry.@Nullable Ending ending, JournalEntry.Step... steps) {
    return new JournalEntry(
        claim.executionId(),
        claim.token(),
        claim.workspaceId(),
        List.of(steps),
        List.of(),
        Optional.ofNullable(ending),
        false,
        0,
        false,
        System.nanoTime(),
        new CompletableFuture<>());
  }

  @Override
  public void close() {
    database.close();
  }
}
