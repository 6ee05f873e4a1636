package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.execution.ExecutionCounts;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.TraceParent;
import io.stepwell.kernel.UnnestColumns;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Finds due executions in the queue and claims them. It never waits for a lock: what another
 * session has locked is left for the next look.
 */
@ApplicationScoped
class ClaimQueue {
  // The outer join answers with one row also when nothing is due: when to look again.
  private static final String LOOK =
      """
      select d.workspace_id, d.execution_id, d.claims, d.bytes, now() as database_time, (
        select min(due_at) from execution_queue
        where due_at > now() and due_at < 'infinity') as next_due
      from (values (1)) one
      left join lateral (
        select workspace_id, execution_id, claims, bytes
        from execution_queue
        where due_at <= now()
        order by due_at
        limit ?) d on true
      """;

  // from one workspace to the next by the index, whatever lies between them
  private static final String LOOK_BY_WORKSPACE =
      """
      with recursive next (workspace_id, due_at, nth) as (
        (select workspace_id, due_at, 1
        from execution_queue
        where workspace_id > ?
        order by workspace_id, due_at
        limit 1)
        union all
        select q.workspace_id, q.due_at, n.nth + 1
        from next n
        cross join lateral (
          select workspace_id, due_at
          from execution_queue
          where workspace_id > n.workspace_id
          order by workspace_id, due_at
          limit 1) q
        where n.nth < ?
      )
      select n.workspace_id, d.execution_id, d.claims, d.bytes
      from next n
      left join lateral (
        select execution_id, claims, bytes
        from execution_queue q
        where q.workspace_id = n.workspace_id and q.due_at <= now()
        order by q.due_at
        limit ?) d on n.due_at <= now()
      order by n.nth
      """;

  // of two replicas that claim at once, each takes what the other has not locked
  private static final String CLAIM =
      """
      with chosen as (
        select q.workspace_id, q.execution_id, q.due_at as was_due, c.token,
          coalesce(e.started_at, now()) as started_at
        from unnest(?::uuid[], ?::uuid[], ?::uuid[]) c (workspace_id, execution_id, token)
        join execution_queue q
          on q.workspace_id = c.workspace_id and q.execution_id = c.execution_id
        join execution e on e.workspace_id = q.workspace_id and e.id = q.execution_id
        where q.due_at <= now()
        order by q.workspace_id, q.execution_id
        for no key update of q, e skip locked
      ), claimed as (
        update execution_queue q
        set lease_token = c.token, due_at = now() + ? * interval '1 millisecond',
          claims = q.claims + 1
        from chosen c
        where q.workspace_id = c.workspace_id and q.execution_id = c.execution_id
        returning q.workspace_id, q.execution_id, q.lease_token, q.claims, q.change, c.was_due,
          c.started_at
      ), changed as (
        update execution e
        set status = 'RUNNING', started_at = c.started_at
        from chosen c
        where e.workspace_id = c.workspace_id and e.id = c.execution_id and e.status = 'PENDING'
        returning e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, 'PENDING' as old_status, null::timestamptz as old_finished_at
      ), noted as (
      %s)
      select e.id, c.lease_token, e.workspace_id, e.workflow_id, e.workflow_version,
        e.trigger_data::text as trigger_data, e.user_id, c.claims,
        greatest(e.change, c.change) as change, c.started_at,
        e.started_at is null as fresh, e.trace_parent, c.was_due, now() as database_time
      from claimed c
      join execution e on e.workspace_id = c.workspace_id and e.id = c.execution_id
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  private static final String PUT_OFF =
      """
      with later as (
        select q.workspace_id, q.execution_id, r.ms
        from unnest(?::uuid[], ?::uuid[], ?::bigint[]) r (workspace_id, execution_id, ms)
        join execution_queue q
          on q.workspace_id = r.workspace_id and q.execution_id = r.execution_id
        where q.due_at <= now()
        order by q.workspace_id, q.execution_id
        for no key update of q skip locked
      )
      update execution_queue q
      set due_at = now() + later.ms * interval '1 millisecond'
      from later
      where q.workspace_id = later.workspace_id and q.execution_id = later.execution_id
      """;

  // what is large is read again when a step reaches it
  private static final String STEPS =
      """
      select execution_id, path, status, attempts, change, error::text, started_at,
        pause, resume_at, signal::text, output_bytes,
        case when status = 'RUNNING' or output_bytes <= ? and bytes_so_far <= ?
          then output::text end as output
      from (
        select *, sum(output_bytes) over (partition by execution_id order by index) as bytes_so_far
        from (
          select s.*, octet_length(s.output::text) as output_bytes
          from unnest(?::uuid[], ?::uuid[]) r (workspace_id, execution_id)
          join step_run s
            on s.workspace_id = r.workspace_id and s.execution_id = r.execution_id) s) s
      """;

  private final DataSource database;
  private final EngineConfig config;
  private final DatabaseClock clock;
  private final EngineMetrics metrics;

  ClaimQueue(
      @Named("engine") DataSource database,
      EngineConfig config,
      DatabaseClock clock,
      EngineMetrics metrics) {
    this.database = database;
    this.config = config;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * What a look at the queue found.
   *
   * @param due the longest due first
   * @param nextDue when the next of those that are not due yet will be
   */
  record Look(List<DueExecution> due, Optional<Instant> nextDue) {}

  /** Up to {@code limit} due executions of all workspaces. */
  Look look(int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(LOOK)) {
      statement.setInt(1, limit);
      List<DueExecution> due = new ArrayList<>();
      @Nullable Timestamp nextDue = null;
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          clock.correct(rows.getTimestamp("database_time").toInstant());
          nextDue = rows.getTimestamp("next_due");
          if (rows.getObject("execution_id") != null) {
            due.add(due(rows));
          }
        }
      }
      return new Look(due, Optional.ofNullable(nextDue).map(Timestamp::toInstant));
    }
  }

  /**
   * A look at one workspace after the other.
   *
   * @param due of each workspace the longest due first
   * @param last the last workspace that was looked at; empty when there is none after it
   */
  record LookByWorkspace(List<DueExecution> due, Optional<UUID> last) {}

  /**
   * Up to {@code each} due executions of each of the next {@code workspaces} that have any in the
   * queue, from the one after {@code after} on.
   */
  LookByWorkspace lookByWorkspace(UUID after, int workspaces, int each) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(LOOK_BY_WORKSPACE)) {
      statement.setObject(1, after);
      statement.setInt(2, workspaces);
      statement.setInt(3, each);
      List<DueExecution> due = new ArrayList<>();
      UUID last = after;
      int seen = 0;
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          UUID workspace = rows.getObject("workspace_id", UUID.class);
          seen += workspace.equals(last) ? 0 : 1;
          last = workspace;
          if (rows.getObject("execution_id") != null) {
            due.add(due(rows));
          }
        }
      }
      return new LookByWorkspace(due, seen < workspaces ? Optional.empty() : Optional.of(last));
    }
  }

  private static DueExecution due(ResultSet row) throws SQLException {
    return new DueExecution(
        row.getObject("workspace_id", UUID.class),
        row.getObject("execution_id", UUID.class),
        row.getInt("claims"),
        row.getInt("bytes"));
  }

  /** Takes those of them that are still due and that no other session has locked. */
  List<Claim> claim(List<DueExecution> due) throws SQLException {
    try (Connection connection = database.getConnection()) {
      List<Claim> claims = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
        UnnestColumns<DueExecution> columns = new UnnestColumns<>(connection, statement, due);
        columns.add("uuid", DueExecution::workspaceId);
        columns.add("uuid", DueExecution::executionId);
        columns.add("uuid", any -> UUID.randomUUID());
        statement.setLong(4, config.lease().toMillis());
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            claims.add(claim(rows));
            metrics.claimedAfter(
                Duration.between(
                    rows.getTimestamp("was_due").toInstant(),
                    rows.getTimestamp("database_time").toInstant()));
          }
        }
      }
      metrics.claimed(claims.size());
      loadSteps(connection, claims);
      return claims;
    }
  }

  /** Makes each of them due again after a delay. */
  void putOff(List<DueExecution> due, List<Duration> delays) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(PUT_OFF)) {
      UnnestColumns<DueExecution> columns = new UnnestColumns<>(connection, statement, due);
      columns.add("uuid", DueExecution::workspaceId);
      columns.add("uuid", DueExecution::executionId);
      statement.setArray(
          3, connection.createArrayOf("int8", delays.stream().map(Duration::toMillis).toArray()));
      statement.executeUpdate();
    }
  }

  private static Claim claim(ResultSet row) throws SQLException {
    return new Claim(
        row.getObject("id", UUID.class),
        row.getObject("lease_token", UUID.class),
        row.getObject("workspace_id", UUID.class),
        row.getObject("workflow_id", UUID.class),
        row.getInt("workflow_version"),
        Json.read(row.getString("trigger_data")),
        row.getString("user_id"),
        row.getInt("claims"),
        row.getInt("change"),
        row.getTimestamp("started_at").toInstant(),
        row.getBoolean("fresh"),
        TraceParent.parse(row.getString("trace_parent")).orElse(null),
        new HashMap<>());
  }

  /** An execution that starts with this claim has no steps, and most do: they cost no query. */
  private static void loadSteps(Connection connection, List<Claim> claims) throws SQLException {
    Map<UUID, Claim> resumed = new HashMap<>();
    for (Claim claim : claims) {
      if (!claim.fresh()) {
        resumed.put(claim.executionId(), claim);
      }
    }
    if (resumed.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(STEPS)) {
      statement.setInt(1, Outputs.LARGE);
      statement.setLong(2, Outputs.MAX_KEPT);
      Object[] ids = resumed.values().stream().map(Claim::workspaceId).toArray();
      statement.setArray(3, connection.createArrayOf("uuid", ids));
      statement.setArray(4, connection.createArrayOf("uuid", resumed.keySet().toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          UUID id = rows.getObject("execution_id", UUID.class);
          int change = rows.getInt("change");
          // a dead replica has given change numbers that the execution's own row does not know
          @Nullable Claim claim = resumed.computeIfPresent(id, (any, c) -> c.changedUpTo(change));
          if (claim != null) {
            claim.results().put(rows.getString("path"), result(rows));
          }
        }
      }
    }
    claims.replaceAll(claim -> resumed.getOrDefault(claim.executionId(), claim));
  }

  private static StepResult result(ResultSet row) throws SQLException {
    @Nullable String pause = row.getString("pause");
    return new StepResult(
        StepStatus.valueOf(row.getString("status")),
        row.getInt("attempts"),
        json(row.getString("output")),
        row.getInt("output_bytes"),
        json(row.getString("error")),
        instant(row.getTimestamp("started_at")),
        pause == null ? null : Pause.valueOf(pause),
        instant(row.getTimestamp("resume_at")),
        json(row.getString("signal")));
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    return text == null ? null : Json.read(text);
  }

  private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }
}
