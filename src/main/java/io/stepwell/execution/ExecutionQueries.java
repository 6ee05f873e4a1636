package io.stepwell.execution;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.execution.StepRows.Wanted;
import io.stepwell.http.AnswerBudget;
import io.stepwell.http.AnswerConfig;
import io.stepwell.http.AnswerMemory;
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
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads executions and makes them into what clients see. Every query names the workspace, and none
 * reads more of outputs than its answer may hold.
 */
@ApplicationScoped
public class ExecutionQueries {
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

  // what is too large stays in the database
  private static final String HEAD =
      """
      select %s, w.bytes, case when w.bytes <= ? then trigger_data::text end,
        case when w.bytes <= ? then error::text end
      from execution
      cross join lateral (select octet_length(trigger_data::text) + octet_length(labels::text)
        + coalesce(octet_length(error::text), 0)) w (bytes)
      where workspace_id = ? and id = ?
      """
          .formatted(ExecutionRow.COLUMNS);

  private static final String STATUS =
      "select status from execution where workspace_id = ? and id = ?";

  private static final String FIRST =
      """
      select id, request_hash
      from execution
      where workspace_id = ? and workflow_id = ? and idempotency_key = ?
      """;

  private final Workflows workflows;
  private final StepRows steps;
  private final DataSource database;
  private final InstantSource time;
  private final AnswerMemory memory;
  private final long answerBytes;

  ExecutionQueries(
      Workflows workflows,
      StepRows steps,
      DataSource database,
      InstantSource time,
      AnswerMemory memory,
      AnswerConfig config) {
    if (config.answerBytes() < LEAST_ANSWER) {
      throw new IllegalArgumentException(
          "stepwell.limits.answer-bytes has to be at least " + LEAST_ANSWER);
    }
    this.workflows = workflows;
    this.steps = steps;
    this.database = database;
    this.time = time;
    this.memory = memory;
    this.answerBytes = config.answerBytes();
  }

  /**
   * The execution with its steps; outputs beyond what an answer may hold are left out, in the order
   * of the steps. It waits for memory, so it is called outside of a transaction.
   *
   * @throws Failure NOT_FOUND when the workspace has none with this id; LIMITED {@code overloaded}
   *     when there is no memory for it
   */
  public ExecutionView view(UUID workspaceId, String executionId) {
    Shown shown = small(workspaceId, executionId);
    if (shown.isWhole()) {
      return view(shown);
    }
    memory.take(workspaceId, shown.bytes());
    return view(upTo(shown.bytes(), workspaceId, executionId));
  }

  /**
   * What became of a command, which no lack of memory must hide: without memory the trigger data
   * and outputs are left out.
   */
  ExecutionView outcome(UUID workspaceId, UUID executionId) {
    return outcome(workspaceId, executionId, memory::tryTake);
  }

  /** The same within the transaction of the command, where nothing is waited for. */
  ExecutionView outcomeNow(UUID workspaceId, UUID executionId) {
    return outcome(workspaceId, executionId, memory::takeNow);
  }

  private ExecutionView outcome(
      UUID workspaceId, UUID executionId, BiPredicate<UUID, Long> hasMemory) {
    String id = executionId.toString();
    Shown shown = small(workspaceId, id);
    return view(
        shown.isWhole() || !hasMemory.test(workspaceId, shown.bytes())
            ? shown
            : upTo(shown.bytes(), workspaceId, id));
  }

  /**
   * What an answer shows of an execution.
   *
   * @param bytes of its documents, whether they were read or left out
   */
  private record Shown(
      ExecutionRow row, @Nullable String triggerData, List<StepRow> steps, long bytes) {
    boolean isWhole() {
      return triggerData != null && steps.stream().allMatch(step -> step.leftOutBytes() == 0);
    }
  }

  private Shown small(UUID workspaceId, String executionId) {
    return upTo(AnswerBudget.SMALL, workspaceId, executionId);
  }

  /** As much as was weighed and has memory; what came since may have to be left out. */
  private Shown upTo(long bytes, UUID workspaceId, String executionId) {
    UUID id = parse(executionId);
    return QuarkusTransaction.joiningExisting()
        .call(() -> {
          Head head = head(workspaceId, id, bytes);
          List<StepRow> rows =
              steps.read(workspaceId, id, Wanted.upTo(Math.max(0, bytes - head.bytes())));
          long weight = head.bytes() + rows.stream().mapToLong(StepRow::bytes).sum();
          return new Shown(head.row(), head.triggerData(), rows, Math.min(weight, answerBytes));
        });
  }

  /**
   * An execution without its steps.
   *
   * @param triggerData {@code null} where it was left out
   * @param bytes of trigger data, labels and error
   */
  record Head(ExecutionRow row, @Nullable String triggerData, long bytes) {}

  /** With its trigger data and its whole error, where both have no more than so many bytes. */
  @Transactional
  Head head(UUID workspaceId, UUID executionId, long bytes) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(HEAD)) {
      statement.setLong(1, bytes);
      statement.setLong(2, bytes);
      statement.setObject(3, workspaceId);
      statement.setObject(4, executionId);
      return one(
          statement,
          executionId,
          row -> {
            ExecutionRow shown = ExecutionRow.of(row);
            @Nullable String error = row.getString(ExecutionRow.COLUMN_COUNT + 3);
            return new Head(
                error == null ? shown : shown.withError(error),
                row.getString(ExecutionRow.COLUMN_COUNT + 2),
                row.getLong(ExecutionRow.COLUMN_COUNT + 1));
          });
    } catch (SQLException e) {
      throw new IllegalStateException("an execution cannot be read", e);
    }
  }

  /**
   * One step of an execution with its whole output, whatever it weighs.
   *
   * @throws Failure {@code execution_not_found}, {@code step_not_found}; LIMITED {@code overloaded}
   *     when there is no memory for it
   */
  public StepView step(UUID workspaceId, String executionId, String path) {
    UUID id = parse(executionId);
    Action action =
        definition(row(workspaceId, id)).allActions().stream()
            .filter(a -> a.path().equals(path))
            .findFirst()
            .orElseThrow(() -> Failure.notFound("step", path));
    Optional<StepRow> row = steps.read(workspaceId, id, path, Wanted.upTo(AnswerBudget.SMALL));
    if (row.isPresent() && row.get().leftOutBytes() > 0) {
      long bytes = row.get().bytes();
      memory.take(workspaceId, bytes);
      row = steps.read(workspaceId, id, path, Wanted.upTo(bytes));
    }
    return row.map(r -> StepView.of(action, r)).orElseGet(() -> StepView.pending(action));
  }

  /** Where an execution stands, and the steps that changed after a change number. */
  public record Since(ExecutionView execution, List<ChangedStep> changed, int change) {}

  /** A step and the number of its last change. */
  public record ChangedStep(int change, StepView step) {}

  /**
   * What happened to an execution after {@code change}, in the order of the changes. Outputs of
   * more than 64 KiB, and those beyond 4 MiB together, are left out; so are those beyond 64 KiB
   * together for which there is no memory.
   *
   * @param hasMemory takes memory for so many bytes, without waiting
   */
  @Transactional
  public Since since(UUID workspaceId, UUID executionId, int change, LongPredicate hasMemory) {
    ExecutionRow execution = row(workspaceId, executionId);
    List<StepRow> rows = steps.read(workspaceId, executionId, streamed(change, AnswerBudget.SMALL));
    if (rows.stream().anyMatch(row -> row.leftOutBytes() > 0 && !isTooLarge(row))) {
      long look =
          rows.stream()
              .mapToLong(row -> row.bytes() - (isTooLarge(row) ? row.leftOutBytes() : 0))
              .sum();
      if (hasMemory.test(Math.min(look, STREAMED_LOOK))) {
        rows =
            steps.read(workspaceId, executionId, streamed(change, Math.min(look, STREAMED_LOOK)));
      }
    }
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

  private static boolean isTooLarge(StepRow row) {
    return row.leftOutBytes() > STREAMED_OUTPUT;
  }

  private static Wanted streamed(int change, long bytes) {
    return new Wanted(change, STREAMED_OUTPUT, bytes);
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
   * The row of an execution, read while a lock is held on it until the transaction ends.
   *
   * @param lock SQL that takes the lock, of the workspace's id and the execution's
   * @throws Failure NOT_FOUND when the workspace has none with this id
   */
  ExecutionRow locked(String lock, UUID workspaceId, String executionId) {
    UUID id = parse(executionId);
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(lock)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, id);
      statement.execute();
    } catch (SQLException e) {
      throw new IllegalStateException("an execution cannot be locked", e);
    }
    return row(workspaceId, id);
  }

  /** What the first request with an idempotency key has made. */
  record First(UUID id, byte[] requestHash) {}

  @Transactional
  Optional<First> first(UUID workspaceId, UUID workflowId, String idempotencyKey) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(FIRST)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, workflowId);
      statement.setString(3, idempotencyKey);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new First(row.getObject(1, UUID.class), row.getBytes(2)))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("an execution cannot be read", e);
    }
  }

  /** The steps that have a row, without what they gave. */
  List<StepRow> stepRows(UUID workspaceId, UUID executionId) {
    return steps.read(workspaceId, executionId, Wanted.STATUS);
  }

  /** One that was accepted just now: no step of it has begun. */
  ExecutionView accepted(ExecutionEntity execution) {
    return view(new Shown(ExecutionRow.of(execution), execution.triggerData, List.of(), 0));
  }

  private ExecutionView view(Shown shown) {
    Map<String, StepRow> byPath =
        shown.steps().stream().collect(Collectors.toMap(StepRow::path, Function.identity()));
    List<StepView> views = new ArrayList<>();
    for (Action action : definition(shown.row()).allActions()) {
      @Nullable StepRow step = byPath.get(action.path());
      views.add(step == null ? StepView.pending(action) : StepView.of(action, step));
    }
    @Nullable String triggerData = shown.triggerData();
    return view(shown.row(), shown.steps())
        .with(triggerData == null ? null : Json.asItIs(triggerData), views);
  }

  /** With its trigger data. */
  ExecutionView viewWithoutSteps(Head head, List<StepRow> rows) {
    @Nullable String triggerData = head.triggerData();
    return view(head.row(), rows).with(triggerData == null ? null : Json.asItIs(triggerData), null);
  }

  private ExecutionView view(ExecutionRow execution, List<StepRow> rows) {
    Progress progress =
        Progress.of(
            execution.counts().total(),
            rows.stream().map(StepRow::status).toList(),
            execution.counts().percentageFloor());
    return execution.view(version(execution).key(), progress, time.instant());
  }

  private ExecutionRow row(UUID workspaceId, UUID executionId) {
    return one(ROW, workspaceId, executionId, ExecutionRow::of);
  }

  static UUID parse(String executionId) {
    return Ids.parse(executionId).orElseThrow(() -> Failure.notFound("execution", executionId));
  }

  /** Reads a column or several of one row. */
  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> T one(String sql, UUID workspaceId, UUID executionId, Reading<T> reading) {
    return QuarkusTransaction.joiningExisting()
        .call(() -> oneNow(sql, workspaceId, executionId, reading));
  }

  private <T> T oneNow(String sql, UUID workspaceId, UUID executionId, Reading<T> reading) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, workspaceId);
      statement.setObject(2, executionId);
      return one(statement, executionId, reading);
    } catch (SQLException e) {
      throw new IllegalStateException("an execution cannot be read", e);
    }
  }

  private static <T> T one(PreparedStatement statement, UUID executionId, Reading<T> reading)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw Failure.notFound("execution", executionId);
      }
      return reading.of(row);
    }
  }

  private WorkflowVersion version(ExecutionRow execution) {
    return workflows.version(
        execution.workspaceId(), execution.workflowId(), execution.workflowVersion());
  }

  Definition definition(ExecutionRow execution) {
    return version(execution).definition();
  }
}
