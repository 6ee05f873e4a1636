package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Outdated;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.TraceParent;
import io.stepwell.workflow.TriggerSchema;
import io.stepwell.workflow.WorkflowVersion;
import io.stepwell.workflow.Workflows;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Accepts executions, and continues or repeats ended ones.
 *
 * <p>What it answers is durable. It only writes rows: the engine of any replica finds them.
 */
@ApplicationScoped
public class ExecutionService {
  private static final int MOST_TURNS = 10;

  // a request waits for a lock, but not for ever
  private static final String LOCK =
      """
      with bound as materialized (select set_config('lock_timeout', '5s', true))
      select 1
      from bound
      cross join execution e
      where e.workspace_id = ?1 and e.id = ?2
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

  private final Workflows workflows;
  private final ExecutionQueries queries;
  private final ExecutionChanges changes;
  private final Intake intake;
  private final Outdated outdated;
  private final Ids ids;
  private final DataSource database;

  ExecutionService(
      Workflows workflows,
      ExecutionQueries queries,
      ExecutionChanges changes,
      Intake intake,
      Outdated outdated,
      Ids ids,
      DataSource database) {
    this.workflows = workflows;
    this.queries = queries;
    this.changes = changes;
    this.intake = intake;
    this.outdated = outdated;
    this.ids = ids;
    this.database = database;
  }

  /**
   * What an execution is started with.
   *
   * @param idempotencyKey the same key and the same content give back the first execution
   * @param trace what its trace goes on from, {@code null} for one of its own
   */
  public record Start(
      ObjectNode triggerData,
      ObjectNode labels,
      String userId,
      @Nullable String idempotencyKey,
      @Nullable TraceParent trace) {

    byte[] hash() {
      ObjectNode content = Json.object();
      content.set("triggerData", triggerData);
      content.set("labels", labels);
      try {
        return MessageDigest.getInstance("SHA-256")
            .digest(Json.write(content).getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }

  /**
   * An accepted execution.
   *
   * @param replayed whether an earlier request had already made it
   * @param accepted how it was accepted; empty for one that may have gone on since
   */
  public record Started(UUID executionId, boolean replayed, Optional<ExecutionView> accepted) {}

  /**
   * Accepts an execution of the current version of a workflow.
   *
   * @throws Failure {@code workflow_not_found}, {@code workflow_disabled}, {@code
   *     trigger_data_invalid}, {@code idempotency_key_reused}
   */
  public Started start(UUID workspaceId, String workflow, Start start) {
    try {
      return startCurrent(workspaceId, workflow, start);
    } catch (Failure refused) {
      if (start.idempotencyKey() == null) {
        throw refused;
      }
      // whatever has changed meanwhile: a repeated request is answered as the first one was
      return first(workspaceId, workflows.idOf(workspaceId, workflow), start)
          .orElseThrow(() -> refused);
    }
  }

  private Started startCurrent(UUID workspaceId, String workflow, Start start) {
    Optional<WorkflowVersion> known = workflows.lastExecutable(workspaceId, workflow);
    if (known.isPresent() && violations(known.get(), start).isEmpty()) {
      Optional<Started> started = accept(known.get(), true, start);
      if (started.isPresent()) {
        return started.get();
      }
    }
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      WorkflowVersion version = workflows.executable(workspaceId, workflow);
      Optional<Started> first = first(workspaceId, version.workflowId(), start);
      if (first.isPresent()) {
        return first.get();
      }
      List<Problem> violations = violations(version, start);
      if (!violations.isEmpty()) {
        throw Failure.of(
            Failure.Kind.INVALID,
            "trigger_data_invalid",
            "The trigger data does not satisfy the workflow's trigger schema.",
            violations);
      }
      Optional<Started> started = accept(version, true, start);
      if (started.isPresent()) {
        return started.get();
      }
      // race: the workflow was changed since we looked, or a duplicate came first
    }
    throw changesTooOften();
  }

  private static List<Problem> violations(WorkflowVersion version, Start start) {
    @Nullable TriggerSchema schema = version.definition().triggerSchema();
    return schema == null ? List.of() : schema.violations(start.triggerData());
  }

  private static Failure changesTooOften() {
    return Failure.of(
        Failure.Kind.UNAVAILABLE, "unavailable", "The workflow is being changed all the time.");
  }

  /**
   * A new execution of the same version with the same trigger data and labels.
   *
   * @throws Failure {@code execution_not_found}, {@code workflow_not_found}, {@code
   *     workflow_disabled}
   */
  public Started rerun(
      UUID workspaceId, String executionId, String userId, @Nullable TraceParent trace) {
    ExecutionEntity original =
        QuarkusTransaction.requiringNew().call(() -> queries.entity(workspaceId, executionId));
    Start start =
        new Start(
            (ObjectNode) Json.read(original.triggerData),
            (ObjectNode) Json.read(original.labels),
            userId,
            null,
            trace);
    WorkflowVersion version =
        workflows.version(workspaceId, original.workflowId, original.workflowVersion);
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      workflows.executable(workspaceId, original.workflowId.toString());
      Optional<Started> started = accept(version, false, start);
      if (started.isPresent()) {
        return started.get();
      }
    }
    throw changesTooOften();
  }

  /** Empty when the workflow is not what the caller believes, or for a duplicate. */
  private Optional<Started> accept(WorkflowVersion version, boolean current, Start start) {
    outdated.refuse();
    ExecutionEntity execution = pending(version, start);
    if (!intake.store(execution, start.triggerData(), current)) {
      return Optional.empty();
    }
    ExecutionView view = queries.view(execution, List.of());
    return Optional.of(new Started(execution.id, false, Optional.of(view)));
  }

  private ExecutionEntity pending(WorkflowVersion version, Start start) {
    ExecutionEntity execution = new ExecutionEntity();
    execution.id = ids.next();
    execution.workspaceId = version.workspaceId();
    execution.workflowId = version.workflowId();
    execution.workflowVersion = version.version();
    execution.status = ExecutionStatus.PENDING;
    execution.triggerData = Json.write(start.triggerData());
    execution.labels = Json.write(start.labels());
    execution.userId = start.userId();
    execution.idempotencyKey = start.idempotencyKey();
    execution.requestHash = start.idempotencyKey() == null ? null : start.hash();
    // its creation is the time in its id: one index serves order and range
    execution.createdAt = Instant.ofEpochMilli(execution.id.getMostSignificantBits() >>> 16);
    execution.totalSteps = version.definition().allActions().size();
    execution.traceParent = start.trace() == null ? null : start.trace().header();
    return execution;
  }

  /** What the first request with the same idempotency key has made. */
  private Optional<Started> first(UUID workspaceId, UUID workflowId, Start start) {
    if (start.idempotencyKey() == null) {
      return Optional.empty();
    }
    @Nullable ExecutionEntity first =
        QuarkusTransaction.requiringNew()
            .call(() ->
                queries
                    .find(
                        "workspaceId = ?1 and workflowId = ?2 and idempotencyKey = ?3",
                        workspaceId,
                        workflowId,
                        start.idempotencyKey())
                    .firstResult());
    if (first == null) {
      return Optional.empty();
    }
    if (!Arrays.equals(first.requestHash, start.hash())) {
      throw Failure.invalid(
          "idempotency_key_reused", "The Idempotency-Key was used with another body.");
    }
    return Optional.of(new Started(first.id, true, Optional.empty()));
  }

  /**
   * Lets a FAILED or CANCELLED execution go on, in place, from the step that ended it; earlier
   * results stay.
   *
   * @throws Failure {@code execution_not_found}, {@code execution_not_retryable}
   */
  public ExecutionView retry(UUID workspaceId, String executionId) {
    ExecutionView view =
        QuarkusTransaction.requiringNew()
            .call(() -> {
              ExecutionEntity execution = locked(workspaceId, executionId);
              if (!execution.status.isRetryable()) {
                throw Failure.conflict(
                    "execution_not_retryable",
                    "Only a FAILED or CANCELLED execution can be retried; this one is "
                        + execution.status
                        + ".");
              }
              restart(execution);
              queries.getEntityManager().clear();
              return queries.view(workspaceId, executionId);
            });
    changes.changed(view.id());
    changes.due();
    return view;
  }

  private void restart(ExecutionEntity execution) {
    int reached =
        Progress.of(
                execution.totalSteps,
                execution.successfulSteps,
                execution.failedSteps,
                execution.skippedSteps,
                0,
                execution.percentageFloor)
            .percentage();
    try (Connection connection = database.getConnection();
        PreparedStatement forget = connection.prepareStatement(FORGET_UNFINISHED);
        PreparedStatement resume = connection.prepareStatement(CONTINUE)) {
      forget.setObject(1, execution.workspaceId);
      forget.setObject(2, execution.id);
      forget.setString(3, endingStep(execution));
      forget.executeUpdate();
      resume.setInt(1, reached);
      resume.setObject(2, execution.workspaceId);
      resume.setObject(3, execution.id);
      resume.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("the execution cannot be continued", e);
    }
  }

  /** The path of the step that the execution's error names. */
  private @Nullable String endingStep(ExecutionEntity execution) {
    if (execution.error == null) {
      return null;
    }
    JsonNode name = Json.read(execution.error).path("step");
    return queries.definition(execution).allActions().stream()
        .filter(action -> action.name().equals(name.asText()))
        .map(action -> action.path())
        .findFirst()
        .orElse(null);
  }

  /** Takes the lock of the execution's row, since an ended one has no place in the queue. */
  private ExecutionEntity locked(UUID workspaceId, String executionId) {
    UUID id = queries.entity(workspaceId, executionId).id;
    queries
        .getEntityManager()
        .createNativeQuery(LOCK)
        .setParameter(1, workspaceId)
        .setParameter(2, id)
        .getResultList();
    queries.getEntityManager().clear();
    return queries.entity(workspaceId, executionId);
  }
}
