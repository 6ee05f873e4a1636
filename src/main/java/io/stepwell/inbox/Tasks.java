package io.stepwell.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.execution.ExecutionCancelled;
import io.stepwell.execution.StepSignals;
import io.stepwell.http.AnswerConfig;
import io.stepwell.http.AnswerMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Weighed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Lists and changes a workspace's tasks; a step that waits for one hears how it ended.
 *
 * <p>Whoever finishes a task that a step waits for locks the execution's row before the task's, as
 * the cancellation of an execution does.
 */
@ApplicationScoped
@Transactional
public class Tasks {
  static final String LIST = "tasks";

  private static final String CHANGE =
      """
      update task
      set status = coalesce(?, status),
        assigned_to = case when ? then ? else assigned_to end,
        result = case when ? then ?::json else result end,
        completed_by = ?,
        completed_at = ends.at,
        updated_at = now()
      from (select case when ? then now() end as at) ends
      where id = ? and workspace_id = ? and status in ('OPEN', 'IN_PROGRESS')
      returning result::text
      """;

  private static final String CANCEL_WAITING =
      """
      update task
      set status = 'CANCELLED', completed_at = now(), updated_at = now()
      where workspace_id = ? and execution_id = ? and wait_for_completion
        and status in ('OPEN', 'IN_PROGRESS')
      """;

  private final StepSignals signals;
  private final EntityManager entities;
  private final DataSource database;
  private final AnswerMemory memory;
  private final long answerBytes;

  Tasks(
      StepSignals signals,
      EntityManager entities,
      DataSource database,
      AnswerMemory memory,
      AnswerConfig answers) {
    this.memory = memory;
    this.answerBytes = answers.answerBytes();
    this.signals = signals;
    this.entities = entities;
    this.database = database;
  }

  @Transactional(Transactional.TxType.NOT_SUPPORTED) // it may wait for memory
  Page<Task> list(UUID workspaceId, TaskFilter filter, PageRequest request) {
    Page<Weighed> page =
        QuarkusTransaction.requiringNew()
            .call(() ->
                Page.of(
                    TaskEntity.newestFirst(workspaceId, filter, request),
                    request,
                    LIST,
                    answerBytes));
    memory.take(workspaceId, Weighed.sum(page.items()));
    List<Task> tasks =
        QuarkusTransaction.requiringNew()
            .call(() ->
                TaskEntity.of(workspaceId, page.map(Weighed::id).items()).stream()
                    .map(TaskEntity::toTask)
                    .toList());
    return new Page<>(tasks, page.limit(), page.nextCursor());
  }

  /**
   * One to be answered; it may wait for memory.
   *
   * @throws Failure {@code task_not_found}; LIMITED {@code overloaded}
   */
  @Transactional(Transactional.TxType.NOT_SUPPORTED)
  Task show(UUID workspaceId, UUID id) {
    memory.take(
        workspaceId,
        QuarkusTransaction.requiringNew().call(() -> TaskEntity.weight(workspaceId, id)));
    return QuarkusTransaction.requiringNew().call(() -> get(workspaceId, id));
  }

  private static Task get(UUID workspaceId, UUID id) {
    return TaskEntity.byId(workspaceId, id)
        .orElseThrow(() -> Failure.notFound("task", id))
        .toTask();
  }

  /**
   * Changes a task in the name of {@code userId}; to a finished one only its own status again may
   * be given.
   *
   * @throws Failure {@code task_not_found}, {@code task_finished}
   */
  Task change(UUID workspaceId, UUID id, TaskChange change, String userId) {
    Task seen = get(workspaceId, id);
    if (seen.status().isTerminal()) {
      if (change.isOnly(seen.status())) {
        return seen;
      }
      throw finished();
    }
    boolean signalled = seen.waitForCompletion() && change.ending().isPresent();
    @Nullable JsonNode result = change.resultAfter(seen.result());
    if (signalled) {
      signal(workspaceId, seen, change, userId, result);
    }
    Written written = write(workspaceId, id, change, userId);
    // race: somebody gave a result since we read the task; now that its row is ours none comes
    if (signalled && !Objects.equals(written.result(), text(result))) {
      @Nullable JsonNode given = written.result() == null ? null : Json.asItIs(written.result());
      signal(workspaceId, seen, change, userId, given);
    }
    entities.clear();
    return get(workspaceId, id);
  }

  /** Cancels what a cancelled execution waits for; its other tasks are for people to decide. */
  @Transactional(Transactional.TxType.MANDATORY)
  void cancelWaiting(@Observes ExecutionCancelled cancelled) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(CANCEL_WAITING)) {
      statement.setObject(1, cancelled.workspaceId());
      statement.setObject(2, cancelled.executionId());
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("the execution's tasks cannot be cancelled", e);
    }
  }

  private void signal(
      UUID workspaceId, Task task, TaskChange change, String userId, @Nullable JsonNode result) {
    signals.signal(
        workspaceId,
        task.executionId(),
        task.stepPath(),
        switch (change.ending().orElseThrow()) {
          case DONE -> done(task, userId, result);
          case CANCELLED -> cancelled(task, userId);
          case OPEN, IN_PROGRESS -> throw new IllegalStateException("these end nothing");
        });
  }

  private static ObjectNode done(Task task, String userId, @Nullable JsonNode result) {
    ObjectNode output =
        Json.object()
            .put("taskId", task.id().toString())
            .put("status", TaskStatus.DONE.name())
            .put("completedBy", userId)
            .set("result", result);
    return Json.object().set("output", output);
  }

  private static ObjectNode cancelled(Task task, String userId) {
    ObjectNode error =
        Json.object()
            .put("code", "task_cancelled")
            .put("message", "The task " + task.id() + " was cancelled by " + userId + ".");
    return Json.object().set("error", error);
  }

  /** What a task has after its change: the text of its result. */
  private record Written(@Nullable String result) {}

  private Written write(UUID workspaceId, UUID id, TaskChange change, String userId) {
    boolean ends = change.ending().isPresent();
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(CHANGE)) {
      statement.setString(1, change.status().map(TaskStatus::name).orElse(null));
      statement.setBoolean(2, change.assignedTo().isPresent());
      statement.setString(3, change.assignedTo().map(JsonNode::textValue).orElse(null));
      statement.setBoolean(4, change.result().isPresent());
      statement.setString(5, change.result().map(Tasks::text).orElse(null));
      statement.setString(6, ends ? userId : null);
      statement.setBoolean(7, ends);
      statement.setObject(8, id);
      statement.setObject(9, workspaceId);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          // race: a cancel, or somebody else, finished it since we read it; what we signalled goes
          throw finished();
        }
        return new Written(row.getString(1));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the task cannot be changed", e);
    }
  }

  private static @Nullable String text(@Nullable JsonNode result) {
    return result == null || result.isNull() ? null : Json.write(result);
  }

  private static Failure finished() {
    return Failure.conflict("task_finished", "The task is finished already.");
  }
}
