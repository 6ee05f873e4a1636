package io.stepwell.execution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.execution.ExecutionQueries.Head;
import io.stepwell.http.AnswerBudget;
import io.stepwell.http.BodyMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Outdated;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.TraceParent;
import io.stepwell.kernel.Turns;
import io.stepwell.workflow.TriggerSchema;
import io.stepwell.workflow.WorkflowVersion;
import io.stepwell.workflow.Workflows;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Accepts executions, and repeats earlier ones.
 *
 * <p>What it answers is durable. It only writes rows: the engine of any replica finds them.
 */
@ApplicationScoped
public class ExecutionService {
  private static final int MOST_TURNS = 10;

  private final Workflows workflows;
  private final ExecutionQueries queries;
  private final UnfinishedLimit unfinished;
  private final Intake intake;
  private final Turns turns;
  private final Outdated outdated;
  private final Ids ids;
  private final BodyMemory body;

  ExecutionService(
      Workflows workflows,
      ExecutionQueries queries,
      UnfinishedLimit unfinished,
      Intake intake,
      Turns turns,
      Outdated outdated,
      Ids ids,
      BodyMemory body) {
    this.workflows = workflows;
    this.queries = queries;
    this.unfinished = unfinished;
    this.intake = intake;
    this.turns = turns;
    this.outdated = outdated;
    this.ids = ids;
    this.body = body;
  }

  /**
   * What an execution is started with.
   *
   * @param idempotencyKey the same key and the same content give back the first execution
   * @param trace what its trace goes on from, {@code null} for one of its own
   * @param rerunOf the execution that it repeats, where it does
   */
  public record Start(
      ObjectNode triggerData,
      ObjectNode labels,
      String userId,
      @Nullable String idempotencyKey,
      @Nullable TraceParent trace,
      @Nullable UUID rerunOf) {

    public Start(
        ObjectNode triggerData,
        ObjectNode labels,
        String userId,
        @Nullable String idempotencyKey,
        @Nullable TraceParent trace) {
      this(triggerData, labels, userId, idempotencyKey, trace, null);
    }

    byte[] hash() {
      ObjectNode content = Json.object();
      content.set("triggerData", triggerData);
      content.set("labels", labels);
      if (rerunOf != null) {
        content.put("rerunOf", rerunOf.toString());
      }
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
   *     trigger_data_invalid}, {@code idempotency_key_reused}, {@code too_many_unfinished}
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

  private List<Problem> violations(WorkflowVersion version, Start start) {
    @Nullable TriggerSchema schema = version.definition().triggerSchema();
    return schema == null
        ? List.of()
        : schema.violations(start.triggerData(), turns.of(version.workspaceId()));
  }

  private static Failure changesTooOften() {
    return Failure.of(
        Failure.Kind.UNAVAILABLE, "unavailable", "The workflow is being changed all the time.");
  }

  /**
   * A new execution of the same version with the same trigger data and labels.
   *
   * @param idempotencyKey the same key and the same execution give back the first one that was made
   * @throws Failure {@code execution_not_found}, {@code workflow_not_found}, {@code
   *     workflow_disabled}, {@code idempotency_key_reused}, {@code too_many_unfinished}, {@code
   *     overloaded} when there is no memory for its trigger data
   */
  public Started rerun(
      UUID workspaceId,
      String executionId,
      String userId,
      @Nullable String idempotencyKey,
      @Nullable TraceParent trace) {
    Head original = whole(workspaceId, ExecutionQueries.parse(executionId));
    ExecutionRow row = original.row();
    Start start =
        new Start(
            (ObjectNode) body.parse(Objects.requireNonNull(original.triggerData())),
            (ObjectNode) Json.read(row.labels()),
            userId,
            idempotencyKey,
            trace,
            row.id());
    try {
      return repeat(row, start);
    } catch (Failure refused) {
      // whatever has changed meanwhile: a repeated request is answered as the first one was
      return first(workspaceId, row.workflowId(), start).orElseThrow(() -> refused);
    }
  }

  /** With its trigger data, which has the memory that it would have as the body of a request. */
  private Head whole(UUID workspaceId, UUID executionId) {
    Head small = queries.head(workspaceId, executionId, AnswerBudget.SMALL);
    if (small.triggerData() != null) {
      return small;
    }
    body.receive(small.bytes());
    return queries.head(workspaceId, executionId, Long.MAX_VALUE);
  }

  private Started repeat(ExecutionRow original, Start start) {
    UUID workspaceId = original.workspaceId();
    WorkflowVersion version =
        workflows.version(workspaceId, original.workflowId(), original.workflowVersion());
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      workflows.executable(workspaceId, original.workflowId().toString());
      Optional<Started> started = accept(version, false, start);
      if (started.isPresent()) {
        return started.get();
      }
      Optional<Started> first = first(workspaceId, original.workflowId(), start);
      if (first.isPresent()) {
        return first.get();
      }
    }
    throw changesTooOften();
  }

  /** Empty when the workflow is not what the caller believes, or for a duplicate. */
  private Optional<Started> accept(WorkflowVersion version, boolean current, Start start) {
    outdated.refuse();
    unfinished.acquire(version.workspaceId());
    ExecutionEntity execution = body.inTurn(() -> pending(version, start));
    if (!intake.store(execution, start.triggerData(), current)) {
      return Optional.empty();
    }
    ExecutionView view = queries.accepted(execution);
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
    Optional<ExecutionQueries.First> first =
        queries.first(workspaceId, workflowId, start.idempotencyKey());
    if (first.isPresent() && !Arrays.equals(first.get().requestHash(), start.hash())) {
      throw Failure.invalid(
          "idempotency_key_reused", "The Idempotency-Key was used for another request.");
    }
    return first.map(f -> new Started(f.id(), true, Optional.empty()));
  }
}
