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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Makes journal entries of many executions durable in one transaction, a statement a table. */
@ApplicationScoped
class JournalWriter {
  // the token fences: of an execution that is no longer ours no row matches. The lock holds off a
  // cancel until our rows are in, so that it sees them; ordered, so that two never deadlock
  private static final String LOCK_HELD =
      """
      select e.id, e.lease_token
      from unnest(?::uuid[], ?::uuid[]) o (id, token)
      join execution e on e.id = o.id and e.lease_token = o.token
      order by e.id
      for no key update of e
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
      on conflict (execution_id, path) do update
      set status = excluded.status, attempts = excluded.attempts, change = excluded.change,
        output = excluded.output, error = excluded.error, started_at = excluded.started_at,
        finished_at = excluded.finished_at, pause = excluded.pause, resume_at = excluded.resume_at,
        signal = case when excluded.pause is null then null else step_run.signal end
      """;

  private static final String FINISH =
      """
      with changed as (
        update execution e
        set status = r.status, error = r.error::json, finished_at = now(), due_at = null,
          lease_token = null, successful_steps = r.successful, failed_steps = r.failed,
          skipped_steps = r.skipped, change = r.change
        from unnest(?::uuid[], ?::text[], ?::text[], ?::int[], ?::int[], ?::int[], ?::int[])
          r (id, status, error, successful, failed, skipped, change)
        where e.id = r.id
        returning e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, 'RUNNING' as old_status, null::timestamptz as old_finished_at
      )
      %s
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  // a signal that came while the execution was claimed must not be slept over
  private static final String RELEASE =
      """
      update execution e
      set lease_token = null, claims = 0, change = r.change, due_at = case
        when r.path is null then coalesce(r.due_at, now() + r.due_ms * interval '1 millisecond')
        when exists (select 1 from step_run s
          where s.execution_id = e.id and s.path = r.path and s.signal is not null) then now()
        else 'infinity' end
      from unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::bigint[], ?::int[])
        r (id, path, due_at, due_ms, change)
      where e.id = r.id
      """;

  private static final String RESET_CLAIMS =
      "update execution set claims = 1 where id = any(?) and claims > 1";

  // nobody has the new token: the lease runs out as that of a dead replica does
  private static final String FENCE =
      "update execution set lease_token = gen_random_uuid() where id = ? and lease_token = ?";

  private final DataSource database;
  private final EffectStore effectStore;

  JournalWriter(@Named("engine") DataSource database, EffectStore effectStore) {
    this.database = database;
    this.effectStore = effectStore;
  }

  /** The row of a lease. */
  private record Held(UUID executionId, UUID token) {}

  /**
   * Writes the entries in one transaction, in their order; of several states of one step only the
   * last.
   *
   * @return the entries that were dropped because their lease is lost
   * @throws SQLException when nothing was written, or when it is unknown whether it was: writing
   *     the same again is safe
   */
  Set<JournalEntry> write(List<JournalEntry> entries) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Set<JournalEntry> lost = writeHeld(connection, entries);
        connection.commit();
        return lost;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /** Takes the lease that an entry was written under: whatever else is written so is dropped. */
  void fence(JournalEntry entry) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(FENCE)) {
      statement.setObject(1, entry.executionId());
      statement.setObject(2, entry.token());
      statement.executeUpdate();
    }
  }

  private Set<JournalEntry> writeHeld(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    Set<Held> held = lockHeld(connection, entries);
    List<JournalEntry> ours = new ArrayList<>();
    Set<JournalEntry> lost = new HashSet<>();
    for (JournalEntry entry : entries) {
      if (held.contains(new Held(entry.executionId(), entry.token()))) {
        ours.add(entry);
      } else {
        lost.add(entry);
      }
    }
    writeSteps(connection, ours);
    List<EffectStore.Entry> effects = ours.stream().flatMap(e -> e.effects().stream()).toList();
    if (!effects.isEmpty()) {
      effectStore.write(connection, effects);
    }
    finish(connection, ours);
    release(connection, ours);
    List<UUID> progressed =
        ours.stream().filter(JournalEntry::progressed).map(JournalEntry::executionId).toList();
    if (!progressed.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(RESET_CLAIMS)) {
        statement.setArray(1, connection.createArrayOf("uuid", progressed.toArray()));
        statement.executeUpdate();
      }
    }
    return lost;
  }

  private static Set<Held> lockHeld(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    List<Held> asked =
        entries.stream().map(e -> new Held(e.executionId(), e.token())).distinct().toList();
    Set<Held> held = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(LOCK_HELD)) {
      UnnestColumns<Held> columns = new UnnestColumns<>(connection, statement, asked);
      columns.add("uuid", Held::executionId);
      columns.add("uuid", Held::token);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          held.add(new Held(rows.getObject(1, UUID.class), rows.getObject(2, UUID.class)));
        }
      }
    }
    return held;
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

  private record Finished(UUID executionId, Finish finish) {}

  private void finish(Connection connection, List<JournalEntry> entries) throws SQLException {
    List<Finished> finished = new ArrayList<>();
    for (JournalEntry entry : entries) {
      if (entry.ending().orElse(null) instanceof Finish finish) {
        finished.add(new Finished(entry.executionId(), finish));
      }
    }
    if (finished.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
      UnnestColumns<Finished> columns = new UnnestColumns<>(connection, statement, finished);
      columns.add("uuid", Finished::executionId);
      columns.add("text", row -> row.finish().status().name());
      columns.add("text", row -> json(row.finish().error()));
      columns.add("int4", row -> row.finish().successful());
      columns.add("int4", row -> row.finish().failed());
      columns.add("int4", row -> row.finish().skipped());
      columns.add("int4", row -> row.finish().change());
      statement.executeUpdate();
    }
  }

  private record Released(UUID executionId, Release release) {}

  private static void release(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    List<Released> released = new ArrayList<>();
    for (JournalEntry entry : entries) {
      if (entry.ending().orElse(null) instanceof Release release) {
        released.add(new Released(entry.executionId(), release));
      }
    }
    if (released.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(RELEASE)) {
      UnnestColumns<Released> columns = new UnnestColumns<>(connection, statement, released);
      columns.add("uuid", Released::executionId);
      columns.add(
          "text", row -> row.release().due() instanceof OnSignal signal ? signal.path() : null);
      columns.add("timestamptz", row -> at(row.release().due()));
      columns.add("int8", row -> after(row.release().due()));
      columns.add("int4", row -> row.release().change());
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
