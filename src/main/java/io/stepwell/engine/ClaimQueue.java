package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.execution.ExecutionCounts;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.TraceParent;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Claims due executions, prolongs their leases and gives them back: the rows are the queue. */
@ApplicationScoped
class ClaimQueue {
  // one statement: of two replicas that claim at once, each takes what the other has not locked.
  // Of those that keep ending without progress one at a time, and the others at times of chance:
  // whoever always runs beside a payload that kills would be taken for one itself.
  // The outer join answers with one row also when nothing is due: when to look again.
  private static final String CLAIM =
      """
      with due as (
        select id, due_at, status, claims >= ? as suspect from execution
        where finished_at is null and due_at <= now()
        order by due_at
        limit ?
        for update skip locked
      ), chosen as (
        select id, due_at, status,
          suspect and row_number() over (partition by suspect order by due_at) > ? as later
        from due
      ), put_off as (
        update execution e
        set due_at = now() + random() * ? * interval '1 millisecond'
        from chosen
        where e.id = chosen.id and chosen.later
      ), changed as (
        update execution e
        set status = 'RUNNING', started_at = coalesce(e.started_at, now()),
          lease_token = gen_random_uuid(), due_at = now() + ? * interval '1 millisecond',
          claims = e.claims + 1
        from chosen
        where e.id = chosen.id and not chosen.later
        returning e.id, e.lease_token, e.workspace_id, e.workflow_id, e.workflow_version,
          e.trigger_data::text as trigger_data, e.user_id, e.claims, e.change, e.created_at,
          e.started_at, e.status, e.finished_at, e.trace_parent, chosen.due_at as was_due,
          chosen.status as old_status, null::timestamptz as old_finished_at
      ), noted as (
      %s)
      select c.*, now() as database_time, (
        select min(due_at) from execution
        where finished_at is null and due_at > now() and due_at < 'infinity') as next_due
      from (values (1)) one
      left join changed c on true
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

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
          select *, octet_length(output::text) as output_bytes
          from step_run
          where execution_id = any(?)) s) s
      """;

  // locked in the order of the ids, as the journal does, so that the two never deadlock
  private static final String HELD =
      """
      with held as (
        select e.id
        from unnest(?::uuid[], ?::uuid[]) o (id, token)
        join execution e on e.id = o.id and e.lease_token = o.token
        order by e.id
        for no key update of e
      )
      """;

  private static final String RENEW =
      HELD
          + """
          update execution e
          set due_at = now() + ? * interval '1 millisecond'
          from held
          where e.id = held.id
          """;

  private static final String STILL_HELD =
      """
      select e.id
      from unnest(?::uuid[], ?::uuid[]) o (id, token)
      join execution e on e.id = o.id and e.lease_token = o.token
      """;

  private static final String GIVE_BACK =
      HELD
          + """
          update execution e
          set due_at = now() + ? * interval '1 millisecond', lease_token = null,
            claims = greatest(e.claims - 1, 0)
          from held
          where e.id = held.id
          """;

  private final DataSource database;
  private final EngineConfig config;
  private final DatabaseClock clock;
  private final EngineMetrics metrics;

  ClaimQueue(DataSource database, EngineConfig config, DatabaseClock clock, EngineMetrics metrics) {
    this.database = database;
    this.config = config;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * What a look at the queue found.
   *
   * @param nextDue when the next of those that are not due yet will be
   */
  record Found(List<Claim> claims, Optional<Instant> nextDue) {}

  /** Takes up to {@code limit} due executions, the longest due first, and one suspect at most. */
  Found claim(int limit) throws SQLException {
    return claim(limit, 1);
  }

  /** The same, and no suspect. */
  Found claimUnsuspected(int limit) throws SQLException {
    return claim(limit, 0);
  }

  /** Whether its replicas keep dying on it, or beside it. */
  boolean isSuspect(Claim claim) {
    return claim.claims() > trusted();
  }

  private int trusted() {
    return Math.max(2, config.maxClaims() / 2);
  }

  /** The same, and so many suspects. */
  Found claim(int limit, int suspects) throws SQLException {
    try (Connection connection = database.getConnection()) {
      List<Claim> claims = new ArrayList<>();
      @Nullable Timestamp nextDue = null;
      try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
        statement.setInt(1, trusted());
        statement.setInt(2, limit);
        statement.setInt(3, suspects);
        statement.setLong(4, config.lease().toMillis());
        statement.setLong(5, config.lease().toMillis());
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            clock.correct(rows.getTimestamp("database_time").toInstant());
            nextDue = rows.getTimestamp("next_due");
            if (rows.getObject("id") != null) {
              claims.add(claim(rows));
              metrics.claimedAfter(
                  Duration.between(
                      rows.getTimestamp("was_due").toInstant(),
                      rows.getTimestamp("database_time").toInstant()));
            }
          }
        }
      }
      metrics.claimed(claims.size());
      loadSteps(connection, claims);
      return new Found(claims, Optional.ofNullable(nextDue).map(Timestamp::toInstant));
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
        row.getTimestamp("started_at").equals(row.getTimestamp("database_time")),
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
      statement.setArray(3, connection.createArrayOf("uuid", resumed.keySet().toArray()));
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

  /** Prolongs the leases that are still ours. */
  void renew(Collection<Lease> leases) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(RENEW)) {
      bind(connection, statement, leases);
      statement.setLong(3, config.lease().toMillis());
      metrics.renewed(statement.executeUpdate());
    }
  }

  /** The executions whose lease is still ours. */
  Set<UUID> stillHeld(Collection<Lease> leases) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(STILL_HELD)) {
      bind(connection, statement, leases);
      Set<UUID> held = new HashSet<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          held.add(rows.getObject(1, UUID.class));
        }
      }
      return held;
    }
  }

  /** Lets other replicas have what this one will not finish, at once. */
  void giveBack(Collection<Lease> leases) throws SQLException {
    giveBack(leases, Duration.ZERO);
  }

  /** The same, and nobody takes them before the delay is over. Their claim does not count. */
  void giveBack(Collection<Lease> leases, Duration delay) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(GIVE_BACK)) {
      bind(connection, statement, leases);
      statement.setLong(3, delay.toMillis());
      statement.executeUpdate();
    }
  }

  private static void bind(
      Connection connection, PreparedStatement statement, Collection<Lease> leases)
      throws SQLException {
    statement.setArray(
        1, connection.createArrayOf("uuid", leases.stream().map(Lease::executionId).toArray()));
    statement.setArray(
        2, connection.createArrayOf("uuid", leases.stream().map(Lease::token).toArray()));
  }
}
