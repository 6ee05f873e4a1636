package io.stepwell.execution;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.stepwell.execution.StepRows.Wanted;
import io.stepwell.http.AnswerConfig;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.Definition;
import io.stepwell.workflow.WorkflowVersion;
import io.stepwell.workflow.Workflows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads executions and makes them into what clients see. Every query names the workspace, and none
 * reads more of outputs than its answer may hold.
 */
@ApplicationScoped
public class ExecutionQueries
    implements PanacheRepositoryBase<ExecutionEntity, ExecutionEntity.Key> {
  private static final long LEAST_ANSWER = 64 * 1024;
  // streams promise no larger output
  private static final long STREAMED_OUTPUT = 64 * 1024;
  // and one look of a stream holds no more, however many steps its client has missed
  private static final long STREAMED_LOOK = 4 * 1024 * 1024;

  private static final String ROW =
      """
      select %s
      from execution
      where workspace_id = ? and id = ?
      """
          .formatted(ExecutionRow.COLUMNS);

  private static final String STATUS =
      "select status from execution where workspace_id = ? and id = ?";

  private final Workflows workflows;
  private final StepRows steps;
  private final DataSource database;
  private final InstantSource time;
  private final long answerBytes;

  ExecutionQueries(
      Workflows workflows,
      StepRows steps,
      DataSource database,
      InstantSource time,
      AnswerConfig config) {
    if (config.answerBytes() < LEAST_ANSWER) {
      throw new IllegalArgumentException(
          "stepwell.limits.answer-bytes has to be at least " + LEAST_ANSWER);
    }
    this.workflows = workflows;
    this.steps = steps;
    this.database = database;
    this.time = time;
    this.answerBytes = config.answerBytes();
  }

  /**
   * The execution with its steps; outputs beyond what an answer may hold are left out, in the order
   * of the steps.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  @Transactional
  public ExecutionView view(UUID workspaceId, String executionId) {
    ExecutionEntity execution = entity(workspaceId, executionId);
    // characters where bytes are meant: what both make different is small beside the rest
    long left = answerBytes - execution.triggerData.length() - execution.labels.length();
    Wanted wanted = new Wanted(Wanted.WHOLE.after(), Long.MAX_VALUE, left);
    return view(execution, steps.read(workspaceId, execution.id, wanted));
  }

  /**
   * One step of an execution with its whole output, whatever it weighs.
   *
   * @throws Failure {@code execution_not_found}, {@code step_not_found}
   */
  @Transactional
  public StepView step(UUID workspaceId, String executionId, String path) {
    ExecutionRow execution = row(workspaceId, executionId);
    Action action =
        definition(execution).allActions().stream()
            .filter(a -> a.path().equals(path))
            .findFirst()
            .orElseThrow(() -> Failure.notFound("step", path));
    return steps
        .read(workspaceId, execution.id(), path)
        .map(row -> StepView.of(action, row))
        .orElseGet(() -> StepView.pending(action));
  }

  /** Where an execution stands, and the steps that changed after a change number. */
  public record Since(ExecutionView execution, List<ChangedStep> changed, int change) {}

  /** A step and the number of its last change. */
  public record ChangedStep(int change, StepView step) {}

  /**
   * What happened to an execution after {@code change}, in the order of the changes. Outputs of
   * more than 64 KiB, and those beyond 4 MiB together, are left out.
   */
  @Transactional
  public Since since(UUID workspaceId, UUID executionId, int change) {
    ExecutionRow execution = row(workspaceId, executionId.toString());
    List<StepRow> rows =
        steps.read(workspaceId, executionId, new Wanted(change, STREAMED_OUTPUT, STREAMED_LOOK));
    Map<String, Action> actions =
        definition(execution).allActions().stream()
            .collect(Collectors.toMap(Action::path, Function.identity()));
    List<ChangedStep> changed = new ArrayList<>();
    int last = execution.change();
    for (StepRow row : rows) {
      last = Math.max(last, row.change());
      @Nullable Action action = actions.get(row.path());
      if (row.change() > change && action != null) {
        changed.add(new ChangedStep(row.change(), StepView.of(action, row)));
      }
    }
    changed.sort(Comparator.comparingInt(ChangedStep::change));
    return new Since(view(execution, rows), changed, last);
  }

  /**
   * The id of an execution, which is there.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  @Transactional
  public UUID existing(UUID workspaceId, String executionId) {
    UUID id = parse(executionId);
    status(workspaceId, id);
    return id;
  }

  /**
   * Only the status of an execution.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  @Transactional
  public ExecutionStatus status(UUID workspaceId, UUID executionId) {
    return one(STATUS, workspaceId, executionId, row -> ExecutionStatus.valueOf(row.getString(1)));
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

  /**
   * The row of an execution, read while a lock is held on it until the transaction ends.
   *
   * @param lock SQL that takes the lock, of the workspace's id and the execution's
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  ExecutionEntity locked(String lock, UUID workspaceId, String executionId) {
    UUID id = entity(workspaceId, executionId).id;
    getEntityManager()
        .createNativeQuery(lock)
        .setParameter(1, workspaceId)
        .setParameter(2, id)
        .getResultList();
    // read again under the lock: a refresh of an immutable entity would read nothing
    getEntityManager().clear();
    return entity(workspaceId, executionId);
  }

  /** The steps that have a row, without what they gave. */
  List<StepRow> stepRows(UUID workspaceId, UUID executionId) {
    return steps.read(workspaceId, executionId, Wanted.STATUS);
  }

  ExecutionView view(ExecutionEntity execution, List<StepRow> rows) {
    ExecutionRow row = ExecutionRow.of(execution);
    Map<String, StepRow> byPath =
        rows.stream().collect(Collectors.toMap(StepRow::path, Function.identity()));
    List<StepView> views = new ArrayList<>();
    for (Action action : definition(row).allActions()) {
      @Nullable StepRow step = byPath.get(action.path());
      views.add(step == null ? StepView.pending(action) : StepView.of(action, step));
    }
    return view(row, rows).with(Json.asItIs(execution.triggerData), views);
  }

  /** With its trigger data. */
  ExecutionView viewWithoutSteps(ExecutionEntity execution, List<StepRow> rows) {
    return view(ExecutionRow.of(execution), rows).with(Json.read(execution.triggerData), null);
  }

  private ExecutionView view(ExecutionRow execution, List<StepRow> rows) {
    Progress progress =
        Progress.of(
            execution.counts().total(),
            rows.stream().map(StepRow::status).toList(),
            execution.counts().percentageFloor());
    return execution.view(version(execution).key(), progress, time.instant());
  }

  private ExecutionRow row(UUID workspaceId, String executionId) {
    return one(ROW, workspaceId, parse(executionId), ExecutionRow::of);
  }

  private static UUID parse(String executionId) {
    return Ids.parse(executionId).orElseThrow(() -> Failure.notFound("execution", executionId));
  }

  /** Reads a column or several of one row. */
  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> T one(String sql, UUID workspaceId, UUID executionId, Reading<T> reading) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, executionId);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw Failure.notFound("execution", executionId);
        }
        return reading.of(row);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("an execution cannot be read", e);
    }
  }

  private WorkflowVersion version(ExecutionRow execution) {
    return workflows.version(
        execution.workspaceId(), execution.workflowId(), execution.workflowVersion());
  }

  private Definition definition(ExecutionRow execution) {
    return version(execution).definition();
  }

  Definition definition(ExecutionEntity execution) {
    return workflows
        .version(execution.workspaceId, execution.workflowId, execution.workflowVersion)
        .definition();
  }
}
