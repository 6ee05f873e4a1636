package io.stepwell.execution;

import io.stepwell.kernel.UnnestColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Writes accepted executions and their places in the queue, many with one statement. */
final class AcceptedRows {
  // whether the workflow may be executed is asked here, where it counts: what the caller knows of
  // it may be old. Of parallel duplicates one is inserted; the others wait here for its commit.
  // race: two replicas that insert the same idempotency keys do it in the same order
  private static final String ACCEPT =
      """
      with bound as materialized (
        select set_config('lock_timeout', '1s', true)
      ), arrived as materialized (
        select r.*
        from bound
        cross join unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::int[], ?::boolean[], ?::text[],
            ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::int[], ?::text[],
            ?::uuid[], ?::bigint[], ?::int[])
          r (id, workspace_id, workflow_id, workflow_version, current, trigger_data, labels,
            user_id, idempotency_key, request_hash, created_at, total_steps, trace_parent, token,
            lease_ms, bytes)
      ), changed as (
        insert into execution
          (id, workspace_id, workflow_id, workflow_version, status, trigger_data, labels, user_id,
          idempotency_key, request_hash, created_at, started_at, total_steps, trace_parent)
        select r.id, r.workspace_id, r.workflow_id, r.workflow_version,
          case when r.token is null then 'PENDING' else 'RUNNING' end,
          r.trigger_data::json, r.labels::jsonb, r.user_id, r.idempotency_key,
          decode(r.request_hash, 'hex'), r.created_at,
          case when r.token is not null then now() end, r.total_steps, r.trace_parent
        from arrived r
        join workflow w on w.workspace_id = r.workspace_id and w.id = r.workflow_id
        where w.archived_at is null and w.enabled
          and (w.version = r.workflow_version or not r.current)
        order by r.workspace_id, r.workflow_id, r.idempotency_key, r.id
        on conflict do nothing
        returning id, workspace_id, workflow_id, created_at, started_at, status, finished_at,
          null as old_status, null::timestamptz as old_finished_at
      ), queued as (
        insert into execution_queue
          (workspace_id, execution_id, due_at, lease_token, claims, bytes)
        select r.workspace_id, r.id,
          now() + coalesce(r.lease_ms, 0) * interval '1 millisecond', r.token,
          case when r.token is null then 0 else 1 end, r.bytes
        from arrived r
        join changed c on c.workspace_id = r.workspace_id and c.id = r.id
      ), labelled as (
        insert into execution_label (workspace_id, label, execution_id, workflow_id)
        select r.workspace_id, l.key || ':' || l.value, r.id, r.workflow_id
        from arrived r
        join changed c on c.workspace_id = r.workspace_id and c.id = r.id
        cross join lateral jsonb_each_text(r.labels::jsonb) l
        where r.labels <> '{}'
      ), noted as (
      %s)
      select id, now() from changed
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  // what became of a statement whose answer was lost
  private static final String STORED =
      """
      select e.id, e.created_at
      from unnest(?::uuid[], ?::uuid[]) r (workspace_id, id)
      join execution e on e.workspace_id = r.workspace_id and e.id = r.id
      """;

  private final DataSource database;

  AcceptedRows(DataSource database) {
    this.database = database;
  }

  /**
   * Stores a group in one transaction.
   *
   * @return the ids of those that were stored, each with the time by the database's clock
   */
  Map<UUID, Instant> insert(List<Arrival> group) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(ACCEPT)) {
      UnnestColumns<Arrival> columns = new UnnestColumns<>(connection, statement, group);
      columns.add("uuid", arrival -> arrival.execution().id);
      columns.add("uuid", arrival -> arrival.execution().workspaceId);
      columns.add("uuid", arrival -> arrival.execution().workflowId);
      columns.add("int4", arrival -> arrival.execution().workflowVersion);
      columns.add("bool", Arrival::current);
      columns.add("text", arrival -> arrival.execution().triggerData);
      columns.add("text", arrival -> arrival.execution().labels);
      columns.add("text", arrival -> arrival.execution().userId);
      columns.add("text", arrival -> arrival.execution().idempotencyKey);
      columns.add("text", arrival -> hex(arrival.execution().requestHash));
      columns.add("timestamptz", arrival -> arrival.execution().createdAt.toString());
      columns.add("int4", arrival -> arrival.execution().totalSteps);
      columns.add("text", arrival -> arrival.execution().traceParent);
      columns.add("uuid", arrival -> arrival.slot().map(ImmediateStart.Slot::token).orElse(null));
      columns.add(
          "int8", arrival -> arrival.slot().map(slot -> slot.lease().toMillis()).orElse(null));
      columns.add("int4", Arrival::bytes);
      return times(statement);
    }
  }

  /** Which of a group are stored, whoever stored them. */
  Map<UUID, Instant> stored(List<Arrival> group) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(STORED)) {
      UnnestColumns<Arrival> columns = new UnnestColumns<>(connection, statement, group);
      columns.add("uuid", arrival -> arrival.execution().workspaceId);
      columns.add("uuid", arrival -> arrival.execution().id);
      return times(statement);
    }
  }

  private static Map<UUID, Instant> times(PreparedStatement statement) throws SQLException {
    Map<UUID, Instant> times = new HashMap<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        times.put(rows.getObject(1, UUID.class), rows.getTimestamp(2).toInstant());
      }
    }
    return times;
  }

  private static @Nullable String hex(byte @Nullable [] bytes) {
    return bytes == null ? null : HexFormat.of().formatHex(bytes);
  }
}
