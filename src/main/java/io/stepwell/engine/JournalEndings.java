package io.stepwell.engine;

import static io.stepwell.engine.JournalValues.after;
import static io.stepwell.engine.JournalValues.at;
import static io.stepwell.engine.JournalValues.json;

import io.stepwell.engine.JournalEntry.Due;
import io.stepwell.engine.JournalEntry.Finish;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.engine.JournalEntry.Release;
import io.stepwell.execution.ExecutionCounts;
import io.stepwell.kernel.UnnestColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Writes how journal entries let go of their executions, and that those which go on got ahead. */
final class JournalEndings {
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

  private JournalEndings() {}

  /** An entry that ends the execution, and how. */
  private record Finished(JournalEntry entry, Finish finish) {}

  /** Returns the entries whose execution has a step that is RUNNING and cannot end. */
  static List<JournalEntry> finish(Connection connection, List<JournalEntry> entries)
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

  static void release(Connection connection, List<JournalEntry> entries) throws SQLException {
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

  /** Of those that did something since their claim: they are not poisoned. */
  static void resetClaims(Connection connection, List<JournalEntry> entries) throws SQLException {
    List<JournalEntry> progressed = entries.stream().filter(JournalEntry::progressed).toList();
    if (progressed.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(RESET_CLAIMS)) {
      UnnestColumns<JournalEntry> columns = new UnnestColumns<>(connection, statement, progressed);
      columns.add("uuid", JournalEntry::workspaceId);
      columns.add("uuid", JournalEntry::executionId);
      statement.executeUpdate();
    }
  }
}
