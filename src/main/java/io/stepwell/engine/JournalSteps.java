package io.stepwell.engine;

import static io.stepwell.engine.JournalValues.after;
import static io.stepwell.engine.JournalValues.at;
import static io.stepwell.engine.JournalValues.json;
import static io.stepwell.engine.JournalValues.time;

import io.stepwell.engine.JournalEntry.Step;
import io.stepwell.kernel.UnnestColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes the steps of journal entries. */
final class JournalSteps {
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

  private JournalSteps() {}

  /** A step and the execution that it belongs to. */
  private record StepRow(UUID executionId, UUID workspaceId, Step step) {}

  /** Of several states of one step it writes only the last. */
  static void write(Connection connection, List<JournalEntry> entries) throws SQLException {
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
}
