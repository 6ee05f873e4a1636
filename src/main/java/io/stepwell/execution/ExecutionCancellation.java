package io.stepwell.execution;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.workflow.Action;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Cancels executions.
 *
 * <p>A cancel is a fenced write of its own: it takes the execution out of the queue, so that
 * whatever the replica that runs it still wants to record matches no row.
 */
@ApplicationScoped
public class ExecutionCancellation {
  // a request waits for a lock, but not for ever
  private static final String LOCK =
      """
      with bound as materialized (select set_config('lock_timeout', '5s', true))
      select 1
      from bound
      cross join execution_queue q
      where q.workspace_id = ? and q.execution_id = ?
      for no key update of q
      """;

  private static final String CANCEL =
      """
      with changed as (
        update execution e
        set status = 'CANCELLED', finished_at = now(), change = ?, successful_steps = ?,
          failed_steps = ?, skipped_steps = ?
        from execution old
        where e.workspace_id = ? and e.id = ? and old.workspace_id = e.workspace_id
          and old.id = e.id
        returning e.id, e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, old.status as old_status, old.finished_at as old_finished_at
      ), left_the_queue as (
        delete from execution_queue q
        using changed c
        where q.workspace_id = c.workspace_id and q.execution_id = c.id
      )
      %s
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  private static final String CANCEL_STEP =
      """
      insert into step_run
        (execution_id, path, workspace_id, index, status, attempts, change, finished_at)
      values (?, ?, ?, ?, 'CANCELLED', 0, ?, now())
      on conflict (workspace_id, execution_id, path) do update
      set status = 'CANCELLED', change = excluded.change, finished_at = now(), output = null,
        pause = null, resume_at = null, signal = null
      """;

  private final ExecutionQueries queries;
  private final ExecutionChanges changes;
  private final Event<ExecutionCancelled> cancelled;
  private final DataSource database;
  private final Counter count;

  ExecutionCancellation(
      ExecutionQueries queries,
      ExecutionChanges changes,
      Event<ExecutionCancelled> cancelled,
      DataSource database,
      MeterRegistry metrics) {
    this.queries = queries;
    this.changes = changes;
    this.cancelled = cancelled;
    this.database = database;
    this.count = metrics.counter("stepwell.executions.finished", "status", "CANCELLED");
  }

  /**
   * Cancels an execution with every step that has not ended; one that is CANCELLED already stays
   * so.
   *
   * @throws Failure {@code execution_not_found}, or {@code execution_finished} when it is COMPLETED
   *     or FAILED
   */
  public ExecutionView cancel(UUID workspaceId, String executionId) {
    ExecutionView view =
        QuarkusTransaction.requiringNew()
            .call(() -> {
              ExecutionRow execution = locked(workspaceId, executionId);
              switch (execution.status()) {
                case PENDING, RUNNING -> write(execution);
                case COMPLETED, FAILED ->
                    throw Failure.conflict(
                        "execution_finished",
                        "The execution is " + execution.status() + " already.");
                case CANCELLED -> {}
              }
              return queries.outcomeNow(workspaceId, execution.id());
            });
    changes.changed(view.id());
    return view;
  }

  /** Takes the lock of its place in the queue, as every fenced write does, and reads it. */
  private ExecutionRow locked(UUID workspaceId, String executionId) {
    return queries.locked(LOCK, workspaceId, executionId);
  }

  private void write(ExecutionRow execution) {
    List<StepRow> rows = queries.stepRows(execution.workspaceId(), execution.id());
    Map<String, StepRow> byPath =
        rows.stream().collect(Collectors.toMap(StepRow::path, Function.identity()));
    int change = rows.stream().mapToInt(StepRow::change).max().orElse(0);
    change = Math.max(change, execution.change());
    List<StepStatus> ended = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement step = connection.prepareStatement(CANCEL_STEP);
        PreparedStatement cancel = connection.prepareStatement(CANCEL)) {
      for (Action action : queries.definition(execution).allActions()) {
        @Nullable StepRow row = byPath.get(action.path());
        if (row != null && row.status().isTerminal()) {
          ended.add(row.status());
          continue;
        }
        step.setObject(1, execution.id());
        step.setString(2, action.path());
        step.setObject(3, execution.workspaceId());
        step.setInt(4, action.index());
        step.setInt(5, ++change);
        step.addBatch();
      }
      step.executeBatch();
      Progress progress = Progress.of(execution.counts().total(), ended, 0);
      cancel.setInt(1, change);
      cancel.setInt(2, progress.successfulSteps());
      cancel.setInt(3, progress.failedSteps());
      cancel.setInt(4, progress.skippedSteps());
      cancel.setObject(5, execution.workspaceId());
      cancel.setObject(6, execution.id());
      cancel.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("the execution cannot be cancelled", e);
    }
    cancelled.fire(new ExecutionCancelled(execution.workspaceId(), execution.id()));
    count.increment();
  }
}
