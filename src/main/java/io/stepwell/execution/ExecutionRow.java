package io.stepwell.execution;

import io.stepwell.kernel.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a list shows of a row of {@code execution}: no trigger data.
 *
 * @param error JSON; a message of more than {@value #LONGEST_ERROR} bytes is cut
 * @param change the last number of a change that the row knows of
 */
record ExecutionRow(
    UUID workspaceId,
    UUID id,
    UUID workflowId,
    int workflowVersion,
    ExecutionStatus status,
    String userId,
    String labels,
    @Nullable String error,
    Timestamps at,
    Counts counts,
    int change) {
  static final int LONGEST_ERROR = 16 * 1024;

  /** How many {@link #COLUMNS} are. */
  static final int COLUMN_COUNT = 17;

  /** When it was created, started and finished. */
  record Timestamps(Instant createdAt, @Nullable Instant startedAt, @Nullable Instant finishedAt) {}

  /** The counts of steps, which are filled once it is finished. */
  record Counts(int total, int successful, int failed, int skipped, int percentageFloor) {}

  // labels are bounded where they are accepted; a hundred errors stay below 2 MiB
  static final String COLUMNS =
      """
      workspace_id, id, workflow_id, workflow_version, status, user_id, labels::text,
        case when octet_length(error::text) > %d
          then json_build_object('code', error -> 'code',
            'message', left(error ->> 'message', 10000), 'step', error -> 'step',
            'attempts', error -> 'attempts')::text
          else error::text end as error,
        created_at, started_at, finished_at, total_steps, successful_steps, failed_steps,
        skipped_steps, percentage_floor, change\
      """
          .formatted(LONGEST_ERROR);

  /** The row of {@link #COLUMNS}. */
  static ExecutionRow of(ResultSet row) throws SQLException {
    return new ExecutionRow(
        row.getObject(1, UUID.class),
        row.getObject(2, UUID.class),
        row.getObject(3, UUID.class),
        row.getInt(4),
        ExecutionStatus.valueOf(row.getString(5)),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        new Timestamps(
            Objects.requireNonNull(StepRows.time(row, 9)),
            StepRows.time(row, 10),
            StepRows.time(row, 11)),
        new Counts(row.getInt(12), row.getInt(13), row.getInt(14), row.getInt(15), row.getInt(16)),
        row.getInt(17));
  }

  static ExecutionRow of(ExecutionEntity entity) {
    return new ExecutionRow(
        entity.workspaceId,
        entity.id,
        entity.workflowId,
        entity.workflowVersion,
        entity.status,
        entity.userId,
        entity.labels,
        entity.error,
        new Timestamps(entity.createdAt, entity.startedAt, entity.finishedAt),
        new Counts(
            entity.totalSteps,
            entity.successfulSteps,
            entity.failedSteps,
            entity.skippedSteps,
            entity.percentageFloor),
        entity.change);
  }

  /** Bytes of labels and error, about. */
  long weight() {
    return (long) labels.length() + (error == null ? 0 : error.length());
  }

  ExecutionRow withError(String wholeError) {
    return new ExecutionRow(
        workspaceId,
        id,
        workflowId,
        workflowVersion,
        status,
        userId,
        labels,
        wholeError,
        at,
        counts,
        change);
  }

  /** Of a finished one by its own counts, else by those of its steps. */
  Progress progress(Map<StepStatus, Integer> steps) {
    return status.isTerminal()
        ? Progress.of(
            counts.total,
            counts.successful,
            counts.failed,
            counts.skipped,
            0,
            counts.percentageFloor)
        : Progress.of(counts.total, steps, counts.percentageFloor);
  }

  /** As clients see it, without steps and trigger data. */
  ExecutionView view(String workflowKey, Progress progress, Instant now) {
    return new ExecutionView(
        id,
        workflowId,
        workflowKey,
        workflowVersion,
        status,
        null,
        userId,
        Json.read(labels),
        error == null ? null : Json.read(error),
        null,
        progress,
        Timing.of(at.createdAt, at.startedAt, at.finishedAt, now));
  }
}
