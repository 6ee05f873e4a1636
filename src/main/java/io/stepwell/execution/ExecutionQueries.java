package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.Definition;
import io.stepwell.workflow.WorkflowVersion;
import io.stepwell.workflow.Workflows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads executions and makes them into what clients see. Every query names the workspace. */
@ApplicationScoped
public class ExecutionQueries
    implements PanacheRepositoryBase<ExecutionEntity, ExecutionEntity.Key> {
  private final Workflows workflows;
  private final InstantSource time;

  ExecutionQueries(Workflows workflows, InstantSource time) {
    this.workflows = workflows;
    this.time = time;
  }

  /**
   * The execution with its steps.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  @Transactional
  public ExecutionView view(UUID workspaceId, String executionId) {
    ExecutionEntity execution = entity(workspaceId, executionId);
    return view(execution, stepRows(execution));
  }

  /** Where an execution stands, and the steps that changed after a change number. */
  public record Since(ExecutionView execution, List<ChangedStep> changed, int change) {}

  /** A step and the number of its last change. */
  public record ChangedStep(int change, StepView step) {}

  /** What happened to an execution after {@code change}, in the order of the changes. */
  @Transactional
  public Since since(UUID workspaceId, UUID executionId, int change) {
    ExecutionEntity execution = entity(workspaceId, executionId.toString());
    List<StepRunEntity> rows = stepRows(execution);
    Map<String, Action> actions =
        definition(execution).allActions().stream()
            .collect(Collectors.toMap(Action::path, Function.identity()));
    List<ChangedStep> changed = new ArrayList<>();
    int last = execution.change;
    for (StepRunEntity row : rows) {
      last = Math.max(last, row.change);
      @Nullable Action action = actions.get(row.path);
      if (row.change > change && action != null) {
        changed.add(new ChangedStep(row.change, StepView.of(action, row)));
      }
    }
    return new Since(view(execution, rows), changed, last);
  }

  /**
   * The row of an execution.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  ExecutionEntity entity(UUID workspaceId, String executionId) {
    Optional<ExecutionEntity> execution =
        Ids.parse(executionId)
            .flatMap(
                id -> find("id = ?1 and workspaceId = ?2", id, workspaceId).firstResultOptional());
    return execution.orElseThrow(() -> Failure.notFound("execution", executionId));
  }

  /** Its steps that have begun or ended, in the order of their last changes. */
  List<StepRunEntity> stepRows(ExecutionEntity execution) {
    return StepRunEntity.list(
        "workspaceId = ?1 and executionId = ?2 order by change",
        execution.workspaceId,
        execution.id);
  }

  ExecutionView view(ExecutionEntity execution, List<StepRunEntity> rows) {
    Map<String, StepRunEntity> byPath =
        rows.stream().collect(Collectors.toMap(row -> row.path, Function.identity()));
    List<StepView> steps = new ArrayList<>();
    for (Action action : definition(execution).allActions()) {
      @Nullable StepRunEntity row = byPath.get(action.path());
      steps.add(row == null ? StepView.pending(action) : StepView.of(action, row));
    }
    Progress progress =
        Progress.of(
            execution.totalSteps,
            rows.stream().map(row -> row.status).toList(),
            execution.percentageFloor);
    return view(execution, steps, progress, Json.read(execution.triggerData));
  }

  /** A page of executions, newest first, without steps and trigger data. */
  @Transactional
  public Page<ExecutionView> list(ExecutionFilter filter, PageRequest request) {
    Page<ExecutionEntity> page =
        Page.of(rows(filter, request), request, "executions", execution -> execution.id);
    Map<UUID, List<StepStatus>> live = liveSteps(page.items());
    return page.map(
        execution -> view(execution, null, progress(execution, live.get(execution.id)), null));
  }

  private List<ExecutionEntity> rows(ExecutionFilter filter, PageRequest request) {
    StringBuilder where = new StringBuilder("workspace_id = :workspace");
    List<Map.Entry<String, Object>> parameters = new ArrayList<>();
    parameters.add(Map.entry("workspace", filter.workspaceId()));
    if (filter.workflowId() != null) {
      where.append(" and workflow_id = :workflow");
      parameters.add(Map.entry("workflow", filter.workflowId()));
    }
    if (!filter.statuses().isEmpty()) {
      where.append(" and status in (:statuses)");
      parameters.add(Map.entry("statuses", filter.statuses().stream().map(Enum::name).toList()));
    }
    if (filter.userId() != null) {
      where.append(" and user_id = :user");
      parameters.add(Map.entry("user", filter.userId()));
    }
    if (filter.labelKey() != null) {
      where.append(" and labels @> cast(:label as jsonb)");
      String label = Json.write(Json.object().put(filter.labelKey(), filter.labelValue()));
      parameters.add(Map.entry("label", label));
    }
    // created_at is the time in the id, so that one index serves the order and the range
    if (filter.from() != null) {
      where.append(" and id >= :from");
      parameters.add(Map.entry("from", ExecutionStatistics.firstIdAt(filter.from())));
    }
    if (filter.to() != null) {
      where.append(" and id < :to");
      parameters.add(Map.entry("to", ExecutionStatistics.firstIdAt(filter.to())));
    }
    if (request.before() != null) {
      where.append(" and id < :before");
      parameters.add(Map.entry("before", request.before()));
    }
    var query =
        getEntityManager()
            .createNativeQuery(
                "select * from execution where " + where + " order by id desc limit :fetch",
                ExecutionEntity.class)
            .setParameter("fetch", request.fetch());
    parameters.forEach(parameter -> query.setParameter(parameter.getKey(), parameter.getValue()));
    List<ExecutionEntity> rows = new ArrayList<>();
    query.getResultList().forEach(row -> rows.add((ExecutionEntity) row));
    return rows;
  }

  /**
   * The statuses of the steps of those that are not finished: a finished one has its own counts.
   */
  private Map<UUID, List<StepStatus>> liveSteps(List<ExecutionEntity> executions) {
    List<UUID> live =
        executions.stream()
            .filter(execution -> !execution.status.isTerminal())
            .map(execution -> execution.id)
            .toList();
    if (live.isEmpty()) {
      return Map.of();
    }
    List<StepRunEntity> rows =
        StepRunEntity.list(
            "workspaceId = ?1 and executionId in ?2", executions.getFirst().workspaceId, live);
    return rows.stream()
        .collect(
            Collectors.groupingBy(
                row -> row.executionId,
                Collectors.mapping(row -> row.status, Collectors.toList())));
  }

  private static Progress progress(ExecutionEntity execution, @Nullable List<StepStatus> live) {
    return execution.status.isTerminal()
        ? Progress.of(
            execution.totalSteps,
            execution.successfulSteps,
            execution.failedSteps,
            execution.skippedSteps,
            0,
            execution.percentageFloor)
        : Progress.of(
            execution.totalSteps, live == null ? List.of() : live, execution.percentageFloor);
  }

  private ExecutionView view(
      ExecutionEntity execution,
      @Nullable List<StepView> steps,
      Progress progress,
      @Nullable JsonNode triggerData) {
    return new ExecutionView(
        execution.id,
        execution.workflowId,
        version(execution).key(),
        execution.workflowVersion,
        execution.status,
        triggerData,
        execution.userId,
        Json.read(execution.labels),
        execution.error == null ? null : Json.read(execution.error),
        steps,
        progress,
        Timing.of(execution.createdAt, execution.startedAt, execution.finishedAt, time.instant()));
  }

  private WorkflowVersion version(ExecutionEntity execution) {
    return workflows.version(
        execution.workspaceId, execution.workflowId, execution.workflowVersion);
  }

  Definition definition(ExecutionEntity execution) {
    return version(execution).definition();
  }
}
