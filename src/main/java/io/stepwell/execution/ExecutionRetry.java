package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Lets ended executions go on. */
@ApplicationScoped
public class ExecutionRetry {
  // a request waits for a lock, but not for ever
  private static final String LOCK =
      """
      with bound as materialized (select set_config('lock_timeout', '5s', true))
      select 1
      from bound
      cross join execution e
      where e.workspace_id = ? and e.id = ?
      for no key update of e
      """;

  private static final String CONTINUE =
      """
      with changed as (
        update execution e
        set status = 'PENDING', finished_at = null, error = null, successful_steps = 0,
          failed_steps = 0, skipped_steps = 0, percentage_floor = ?
        from execution old
        where e.workspace_id = ? and e.id = ? and old.workspace_id = e.workspace_id
          and old.id = e.id
        returning e.id, octet_length(e.trigger_data::text) as bytes, e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, old.status as old_status, old.finished_at as old_finished_at
      ), queued as (
        insert into execution_queue (workspace_id, execution_id, due_at, bytes)
        select c.workspace_id, c.id, now(), c.bytes
        from changed c
      )
      %s
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  // what a continue left behind stays; what ended the execution, or was cut short, runs anew
  private static final String FORGET_UNFINISHED =
      """
      delete from step_run
      where workspace_id = ? and execution_id = ? and (status = 'CANCELLED' or path = ?)
      """;

  private final ExecutionQueries queries;
  private final ExecutionChanges changes;
  private final UnfinishedLimit unfinished;
  private final DataSource database;

  ExecutionRetry(
      ExecutionQueries queries,
      ExecutionChanges changes,
      UnfinishedLimit unfinished,
      DataSource database) {
    this.queries = queries;
    this.changes = changes;
    this.unfinished = unfinished;
    this.database = database;
  }

  /**
   * Lets a FAILED or CANCELLED execution go on, in place, from the step that ended it; earlier
   * results stay.
   *
   * @throws Failure {@code execution_not_found}, {@code execution_not_retryable}, {@code
   *     too_many_unfinished}
   */
  public ExecutionView retry(UUID workspaceId, String executionId) {
    unfinished.acquire(workspaceId);
    ExecutionView view =
        QuarkusTransaction.requiringNew()
            .call(() -> {
              ExecutionRow execution = locked(workspaceId, executionId);
              if (!execution.status().isRetryable()) {
                throw Failure.conflict(
                    "execution_not_retryable",
                    "Only a FAILED or CANCELLED execution can be retried; this one is "
                        + execution.status()
                        + ".");
              }
              restart(execution);
              return queries.outcomeNow(workspaceId, execution.id());
            });
    changes.changed(view.id());
    changes.due();
    return view;
  }

  private void restart(ExecutionRow execution) {
    int reached =
        Progress.of(
                execution.counts().total(),
                execution.counts().successful(),
                execution.counts().failed(),
                execution.counts().skipped(),
                0,
                execution.counts().percentageFloor())
            .percentage();
    try (Connection connection = database.getConnection();
        PreparedStatement forget = connection.prepareStatement(FORGET_UNFINISHED);
        PreparedStatement resume = connection.prepareStatement(CONTINUE)) {
      forget.setObject(1, execution.workspaceId());
      forget.setObject(2, execution.id());
      forget.setString(3, endingStep(execution));
      forget.executeUpdate();
      resume.setInt(1, reached);
      resume.setObject(2, execution.workspaceId());
      resume.setObject(3, execution.id());
      resume.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("the execution cannot be continued", e);
    }
  }

  /** The path of the step that the execution's error names. */
  private @Nullable String endingStep(ExecutionRow execution) {
    if (execution.error() == null) {
      return null;
    }
    JsonNode name = Json.read(execution.error()).path("step");
    return queries.definition(execution).allActions().stream()
        .filter(action -> action.name().equals(name.asText()))
        .map(action -> action.path())
        .findFirst()
        .orElse(null);
  }

  /** Takes the lock of the execution's row, since an ended one has no place in the queue. */
  private ExecutionRow locked(UUID workspaceId, String executionId) {
    return queries.locked(LOCK, workspaceId, executionId);
  }
}
