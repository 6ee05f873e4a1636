package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.action.EffectStore;
import io.stepwell.engine.JournalEntry.After;
import io.stepwell.engine.JournalEntry.At;
import io.stepwell.engine.JournalEntry.Due;
import io.stepwell.engine.JournalEntry.Finish;
import io.stepwell.engine.JournalEntry.Never;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.engine.JournalEntry.Release;
import io.stepwell.engine.JournalEntry.Step;
import io.stepwell.execution.ExecutionCounts;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.UnnestColumns;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Makes journal entries of many executions durable in one transaction, a statement a table. */
@ApplicationScoped
class JournalWriter {
  // the token fences: of an execution that is no longer ours no row matches. The lock holds off a
  // cancel until our rows are in, so that it sees them. What a stranger has locked is passed over;
  // where a later statement meets a lock, it waits only this long
  private static final String LOCK_HELD =
      """
      with bound as materialized (
        select set_config('lock_timeout', '100ms', true)
      )
      select q.execution_id, q.lease_token
      from bound
      cross join unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
      join execution_queue q
        on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
          and q.lease_token = o.token
      order by q.workspace_id, q.execution_id
      for no key update of q skip locked
      """;

  // the same with the execution's row, which some session may have locked
  private static final String LOCK_HELD_ENTIRELY =
      LOCK_HELD
          .replace(
              "order by",
              "join execution e on e.workspace_id = q.workspace_id and e.id = q.execution_id\n"
                  + "order by")
          .replace("of q skip", "of q, e skip");

  private static final String STILL_HELD =
      """
      select q.execution_id, q.lease_token
      from unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
      join execution_queue q
        on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
          and q.lease_token = o.token
      """;

  private static final String WRITE_STEPS =
      """
      insert into step_run
        (execution_id, path, workspace_id, index, status, attempts, change, output, error,
        started_at, finished_at, pause, resume_at)
      select r.execution_id, r.path, r.workspace_id, r.index, r.status, r.attempts, r.change,
        r.output::json, r.error::json, r.started_at, r.finished_at, r.pause,
        coalesce(r.resume_at, now() + r.resume_ms * interval '1 millisecond')
      from unnest(?::uuid[], ?::text[], ?::uuid[], ?::int[], ?::text[], ?::int[], ?::int[],
          ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::timestamptz[],
          ?::bigint[])
        r (execution_id, path, workspace_id, index, status, attempts, change, output, error,
          started_at, finished_at, pause, resume_at, resume_ms)
      on conflict (workspace_id, execution_id, path) do update
      set status = excluded.status, attempts = excluded.attempts, change = excluded.change,
        output = excluded.output, error = excluded.error, started_at = excluded.started_at,
        finished_at = excluded.finished_at, pause = excluded.pause, resume_at = excluded.resume_at,
        signal = case when excluded.pause is null then null else step_run.signal end
      """;

  // an execution never ends while a step of it is RUNNING; counted for each, since a join could be
  // planned over all steps there are
  private static final String FINISH =
      """
      with changed as (
        update execution e
        set status = r.status, error = r.error::json, finished_at = now(),
          successful_steps = r.successful, failed_steps = r.failed, skipped_steps = r.skipped,
          change = r.change
        from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::int[], ?::int[], ?::int[],
            ?::int[])
          r (workspace_id, id, status, error, successful, failed, skipped, change)
        where e.workspace_id = r.workspace_id and e.id = r.id
          and (
            select count(*) from step_run s
            where s.workspace_id = r.workspace_id and s.execution_id = r.id
              and s.status = 'RUNNING') = 0
        returning e.id, e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, 'RUNNING' as old_status, null::timestamptz as old_finished_at
      ), left_the_queue as (
        delete from execution_queue q
        using changed c
        where q.workspace_id = c.workspace_id and q.execution_id = c.id
      ), noted as (
      %s)
      select id from changed
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  // a signal that came while the execution was claimed must not be slept over
  private static final String RELEASE =
      """
      update execution_queue q
      set lease_token = null, claims = 0, change = r.change, due_at = r.due_at
      from (
        select r.workspace_id, r.execution_id, r.change, case
          when r.path is null then coalesce(r.due_at, now() + r.due_ms * interval '1 millisecond')
          when exists (select 1 from step_run s
            where s.workspace_id = r.workspace_id and s.execution_id = r.execution_id
              and s.path = r.path and s.signal is not null) then now()
          else 'infinity' end as due_at
        from unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::bigint[], ?::int[])
          r (workspace_id, execution_id, path, due_at, due_ms, change)) r
      where q.workspace_id = r.workspace_id and q.execution_id = r.execution_id
      """;

  private static final String RESET_CLAIMS =
      """
      update execution_queue q
      set claims = 1
      from unnest(?::uuid[], ?::uuid[]) r (workspace_id, execution_id)
      where q.workspace_id = r.workspace_id and q.execution_id = r.execution_id and q.claims > 1
      """;

  // due again soon, and counted: a record that is never taken must not bring it back for ever
  private static final String FENCE =
      """
      with held as (
        select q.workspace_id, q.execution_id
        from execution_queue q
        where q.workspace_id = ? and q.execution_id = ? and q.lease_token = ?
        for no key update of q skip locked
      )
      update execution_queue q
      set lease_token = null, due_at = now() + interval '1 second'
      from held
      where q.workspace_id = held.workspace_id and q.execution_id = held.execution_id
      """;

  private final DataSource database;
  private final EffectStore effectStore;

  JournalWriter(@Named("engine") DataSource database, EffectStore effectStore) {
    this.database = database;
    this.effectStore = effectStore;
  }

  /** The row of a lease. */
  private record Held(UUID workspaceId, UUID executionId, UUID token) {
    static Held of(JournalEntry entry) {
      return new Held(entry.workspaceId(), entry.executionId(), entry.token());
    }
  }

  /** How to deal with rows that another session has locked. */
  enum Locks {
    /** Waits a moment for all but the rows of the queue, since hardly ever one is locked. */
    EXPECT_NONE,
    /** Passes over every execution with a locked row. */
    EXPECT_SOME
  }

  /**
   * What became of entries.
   *
   * @param lost dropped, since their lease is lost
   * @param locked not written, since another session has locked a row of their execution
   * @param unfinished written but for the end of the execution: a step of it is RUNNING
   */
  record Written(Set<JournalEntry> lost, Set<JournalEntry> locked, Set<JournalEntry> unfinished) {
    Written() {
      this(new HashSet<>(), new HashSet<>(), new HashSet<>());
    }
  }

  /**
   * Writes the entries in one transaction, in their order; of several states of one step only the
   * last.
   *
   * @throws SQLException when nothing was written, or when it is unknown whether it was: writing
   *     the same again is safe
   */
  Written write(List<JournalEntry> entries, Locks locks) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Written written = writeHeld(connection, entries, locks);
        connection.commit();
        return written;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /**
   * Takes the lease that an entry was written under: whatever else is written so is dropped.
   *
   * @return false when another session has locked its row, and it has to be tried again
   */
  boolean fence(JournalEntry entry) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(FENCE)) {
      statement.setObject(1, entry.workspaceId());
      statement.setObject(2, entry.executionId());
      statement.setObject(3, entry.token());
      return statement.executeUpdate() > 0
          || select(connection, STILL_HELD, List.of(Held.of(entry))).isEmpty();
    }
  }

  private Written writeHeld(Connection connection, List<JournalEntry> entries, Locks locks)
      throws SQLException {
    List<Held> asked = entries.stream().map(Held::of).distinct().toList();
    Set<Held> held =
        select(connection, locks == Locks.EXPECT_NONE ? LOCK_HELD : LOCK_HELD_ENTIRELY, asked);
    Written written = new Written();
    List<JournalEntry> ours = new ArrayList<>();
    if (held.size() == asked.size()) {
      ours.addAll(entries);
    } else {
      List<Held> missing = asked.stream().filter(one -> !held.contains(one)).toList();
      Set<Held> locked = select(connection, STILL_HELD, missing);
      for (JournalEntry entry : entries) {
        if (held.contains(Held.of(entry))) {
          ours.add(entry);
        } else if (locked.contains(Held.of(entry))) {
          written.locked().add(entry);
        } else {
          written.lost().add(entry);
        }
      }
    }
    writeSteps(connection, ours);
    List<EffectStore.Entry> effects = ours.stream().flatMap(e -> e.effects().stream()).toList();
    if (!effects.isEmpty()) {
      effectStore.write(connection, effects);
    }
    written.unfinished().addAll(finish(connection, ours));
    release(connection, ours);
    resetClaims(connection, ours.stream().filter(JournalEntry::progressed).toList());
    return written;
  }

  private static Set<Held> select(Connection connection, String sql, List<Held> asked)
      throws SQLException {
    Map<UUID, UUID> workspaces = new HashMap<>();
    asked.forEach(one -> workspaces.put(one.executionId(), one.workspaceId()));
    Set<Held> held = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      UnnestColumns<Held> columns = new UnnestColumns<>(connection, statement, asked);
      columns.add("uuid", Held::workspaceId);
      columns.add("uuid", Held::executionId);
      columns.add("uuid", Held::token);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          UUID execution = rows.getObject(1, UUID.class);
          held.add(
              new Held(
                  Objects.requireNonNull(workspaces.get(execution)),
                  execution,
                  rows.getObject(2, UUID.class)));
        }
      }
    }
    return held;
  }

  private static void resetClaims(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    if (entries.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(RESET_CLAIMS)) {
      UnnestColumns<JournalEntry> columns = new UnnestColumns<>(connection, statement, entries);
      columns.add("uuid", JournalEntry::workspaceId);
      columns.add("uuid", JournalEntry::executionId);
      statement.executeUpdate();
    }
  }

  /** A step and the execution that it belongs to. */
  private record StepRow(UUID executionId, UUID workspaceId, Step step) {}

  private static void writeSteps(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    Map<String, StepRow> last = new LinkedHashMap<>();
    for (JournalEntry entry : entries) {
      for (Step step : entry.steps()) {
        last.put(
            entry.executionId() + step.path(),
            new StepRow(entry.executionId(), entry.workspaceId(), step));
      }
    }
    if (last.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(WRITE_STEPS)) {
      UnnestColumns<StepRow> columns =
          new UnnestColumns<>(connection, statement, List.copyOf(last.values()));
      columns.add("uuid", StepRow::executionId);
      columns.add("text", row -> row.step().path());
      columns.add("uuid", StepRow::workspaceId);
      columns.add("int4", row -> row.step().index());
      columns.add("text", row -> row.step().status().name());
      columns.add("int4", row -> row.step().attempts());
      columns.add("int4", row -> row.step().change());
      columns.add("text", row -> json(row.step().output()));
      columns.add("text", row -> json(row.step().error()));
      columns.add("timestamptz", row -> time(row.step().startedAt()));
      columns.add("timestamptz", row -> time(row.step().finishedAt()));
      columns.add("text", row -> row.step().pause() == null ? null : row.step().pause().name());
      columns.add("timestamptz", row -> at(row.step().resume()));
      columns.add("int8", row -> after(row.step().resume()));
      statement.executeUpdate();
    }
  }

  /** An entry that ends the execution, and how. */
  private record Finished(JournalEntry entry, Finish finish) {}

  /** Returns the entries whose execution has a step that is RUNNING and cannot end. */
  private static List<JournalEntry> finish(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    List<Finished> finished = new ArrayList<>();
    for (JournalEntry entry : entries) {
      if (entry.ending().orElse(null) instanceof Finish finish) {
        finished.add(new Finished(entry, finish));
      }
    }
    if (finished.isEmpty()) {
      return List.of();
    }
    Set<UUID> ended = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
      UnnestColumns<Finished> columns = new UnnestColumns<>(connection, statement, finished);
      columns.add("uuid", row -> row.entry().workspaceId());
      columns.add("uuid", row -> row.entry().executionId());
      columns.add("text", row -> row.finish().status().name());
      columns.add("text", row -> json(row.finish().error()));
      columns.add("int4", row -> row.finish().successful());
      columns.add("int4", row -> row.finish().failed());
      columns.add("int4", row -> row.finish().skipped());
      columns.add("int4", row -> row.finish().change());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ended.add(rows.getObject(1, UUID.class));
        }
      }
    }
    return finished.stream()
        .map(Finished::entry)
        .filter(entry -> !ended.contains(entry.executionId()))
        .toList();
  }

  /** An entry that lets go of the execution, and until when. */
  private record Released(JournalEntry entry, Due due, int change) {}

  private static void release(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    List<Released> released = new ArrayList<>();
    for (JournalEntry entry : entries) {
      if (entry.ending().orElse(null) instanceof Release release) {
        released.add(new Released(entry, release.due(), release.change()));
      }
    }
    if (released.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
      UnnestColumns<Released> columns = new UnnestColumns<>(connection, statement, released);
      columns.add("uuid", row -> row.entry().workspaceId());
      columns.add("uuid", row -> row.entry().executionId());
      columns.add("text", row -> row.due() instanceof OnSignal signal ? signal.path() : null);
      columns.add("timestamptz", row -> at(row.due()));
      columns.add("int8", row -> after(row.due()));
      columns.add("int4", Released::change);
      statement.executeUpdate();
    }
  }

  private static @Nullable String json(@Nullable JsonNode node) {
    return node == null ? null : Json.write(node);
  }

  private static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static @Nullable String at(Due due) {
    return switch (due) {
      case At at -> at.time().toString();
      case After after -> null;
      case OnSignal signal -> null;
      case Never never -> null;
    };
  }

  private static @Nullable Long after(Due due) {
    return switch (due) {
      case After after -> after.delay().toMillis();
      case At at -> null;
      case OnSignal signal -> null;
      case Never never -> null;
    };
  }
}
