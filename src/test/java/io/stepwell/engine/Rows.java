package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.engine.Reference.Execution;
import io.stepwell.engine.Reference.Step;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The rows of a workflow's executions, as texts that the reference gives too. */
final class Rows {
  // what earlier cases and other tests left behind is not due any more
  private static final String LAY_TO_REST =
      """
      update execution_queue
      set due_at = 'infinity', lease_token = null
      where due_at < 'infinity'
      """;

  private static final String CREATE_WORKFLOW =
      """
      with new as (
        insert into workflow
          (id, workspace_id, key, version, name, enabled, created_at, updated_at)
        values (?, ?, ?, 1, 'model', true, now(), now())
        returning id, workspace_id)
      insert into workflow_version
        (workflow_id, version, workspace_id, definition, created_at, created_by)
      select id, 1, workspace_id, ?::json, now(), 'test' from new
      """;

  private static final String READ =
      """
      select e.id, e.status, coalesce(q.claims, 0) as claims, q.lease_token,
        case when q.due_at = 'infinity' then 'never'
          else round(extract(epoch from q.due_at - now()) / 60)::text end as due,
        e.percentage_floor, e.successful_steps, e.failed_steps, e.skipped_steps,
        e.error ->> 'step' as ended_by, e.change,
        (select count(*) from notification n where n.execution_id = e.id) as notes,
        s.path, s.status as step_status, s.attempts, s.pause, s.change as step_change,
        round(extract(epoch from s.resume_at - now()) / 60)::text as resume,
        s.signal is not null as signalled, s.signal -> 'output' is not null as good
      from execution e
      left join execution_queue q on q.workspace_id = e.workspace_id and q.execution_id = e.id
      left join step_run s on s.workspace_id = e.workspace_id and s.execution_id = e.id
      where e.workflow_id = ?
      order by e.id, s.change
      """;

  private static final String COUNTED =
      """
      select status, sum(executions)
      from (
        select workflow_id, status, executions from execution_stat where period = 'ALL'
        union all
        select workflow_id, status, executions from execution_stat_change) c
      where workflow_id = ?
      group by status
      having sum(executions) <> 0
      """;

  private static final String LOCK =
      """
      with locked as (
        select workspace_id, id from execution where workflow_id = ? for no key update)
      update execution_queue q
      set claims = claims
      from locked
      where q.workspace_id = locked.workspace_id and q.execution_id = locked.id
      """;

  private static final String WAITING =
      """
      select count(*)
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
      """;

  private final DataSource database;
  private final UUID workspaceId;
  private final Map<UUID, ReferenceRunner> runners = new HashMap<>();
  private final Map<UUID, Changes> changes = new HashMap<>();
  private UUID workflowId = UUID.randomUUID();

  /** The statuses that an execution's steps had, and the number of their last change. */
  private static final class Changes {
    private final Map<String, StepStatus> statuses = new HashMap<>();
    private int last;
  }

  Rows(DataSource database, UUID workspaceId) {
    this.database = database;
    this.workspaceId = workspaceId;
  }

  UUID workspaceId() {
    return workspaceId;
  }

  String workflow() {
    return workflowId.toString();
  }

  /** Begins anew with a workflow of its own. */
  void begin(List<Flow> flows) throws SQLException {
    runners.clear();
    changes.clear();
    workflowId = UUID.randomUUID();
    String key = "m-" + workflowId;
    String definition = Json.write(Json.object().put("key", key).set("actions", Flow.json(flows)));
    layToRest(database);
    try (Connection connection = database.getConnection()) {
      EngineDatabase.execute(connection, CREATE_WORKFLOW, workflowId, workspaceId, key, definition);
    }
  }

  /** Nothing that is there now will be claimed. */
  static void layToRest(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection()) {
      EngineDatabase.execute(connection, LAY_TO_REST);
    }
  }

  /** Says whose a token is. */
  void number(UUID token, ReferenceRunner runner) {
    runners.put(token, runner);
  }

  private static String text(
      Object status,
      int claims,
      boolean held,
      String due,
      int floor,
      Object counts,
      String by,
      int notes) {
    return "%s claims %d%s due %s floor %d ended %s by %s notes %d"
        .formatted(status, claims, held ? " held" : "", due, floor, counts, by, notes);
  }

  /** As the database has them. */
  List<String> texts() throws SQLException {
    Map<UUID, String> executions = new TreeMap<>(UUID::compareTo);
    Map<UUID, Map<String, String>> steps = new HashMap<>();
    List<UUID> order = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setObject(1, workflowId);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID id = row.getObject("id", UUID.class);
          if (!steps.containsKey(id)) {
            order.add(id);
            executions.put(id, execution(row));
            steps.put(id, new TreeMap<>());
          }
          if (row.getString("path") != null) {
            numbered(row, changes.computeIfAbsent(id, any -> new Changes()));
            steps.get(id).put(row.getString("path"), step(row));
          }
        }
      }
    }
    return order.stream().map(id -> executions.get(id) + " " + steps.get(id)).toList();
  }

  private String execution(ResultSet row) throws SQLException {
    @Nullable UUID token = row.getObject("lease_token", UUID.class);
    if (token != null) {
      assertThat(runners.get(token)).as("whose lease it is").matches(ReferenceRunner::holds);
    }
    return text(
        row.getString("status"),
        row.getInt("claims"),
        token != null,
        row.getString("due"),
        row.getInt("percentage_floor"),
        List.of(
            row.getInt("successful_steps"),
            row.getInt("failed_steps"),
            row.getInt("skipped_steps")),
        row.getString("ended_by"),
        row.getInt("notes"));
  }

  /** A stream would miss a change of status that is not numbered above all before it. */
  private static void numbered(ResultSet row, Changes seen) throws SQLException {
    StepStatus status = StepStatus.valueOf(row.getString("step_status"));
    int number = row.getInt("step_change");
    if (seen.statuses.put(row.getString("path"), status) != status) {
      assertThat(number).as("number of the change").isGreaterThan(seen.last);
    }
    seen.last = Math.max(seen.last, number);
  }

  private static String step(ResultSet row) throws SQLException {
    @Nullable String pause = row.getString("pause");
    String signal = row.getBoolean("good") ? " good" : " bad";
    return row.getString("step_status")
        + " "
        + row.getInt("attempts")
        + (pause == null ? "" : " " + pause)
        + (row.getString("resume") == null ? "" : " " + row.getString("resume"))
        + (row.getBoolean("signalled") ? signal : "");
  }

  /** As the reference has them. */
  static List<String> texts(Reference reference) {
    return reference.executions.stream()
        .map(execution -> text(reference, execution) + " " + texts(execution.steps, reference.now))
        .toList();
  }

  private static String text(Reference reference, Execution execution) {
    boolean ended = execution.status.isTerminal();
    return text(
        execution.status,
        ended ? 0 : execution.claims,
        execution.owner != null,
        ended ? null : minutes(execution.due, reference.now),
        execution.floor,
        ended
            ? List.of(
                execution.count(StepStatus.COMPLETED),
                execution.count(StepStatus.FAILED),
                execution.count(StepStatus.SKIPPED))
            : List.of(0, 0, 0),
        execution.endedBy == null ? null : reference.layout.get(execution.endedBy).name(),
        execution.notes);
  }

  private static String minutes(long time, long now) {
    return time == Reference.NEVER ? "never" : String.valueOf(time - now);
  }

  /** Steps as the reference has them. */
  static Map<String, String> texts(Map<String, Step> steps, long now) {
    Map<String, String> texts = new TreeMap<>();
    steps.forEach((path, step) ->
        texts.put(
            path,
            step.status()
                + " "
                + step.attempts()
                + (step.pause() == null ? "" : " " + step.pause())
                + (step.resumeAt() == Reference.NEVER ? "" : " " + (step.resumeAt() - now))
                + (step.signal() == null ? "" : step.signal() ? " good" : " bad")));
    return texts;
  }

  /** How many wait for a lock. */
  static long waiting(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(WAITING);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Holds every row until it is closed. */
  Lock lock() throws SQLException {
    return new Lock();
  }

  /** A lock on the rows of the executions, as whoever writes takes first. */
  final class Lock implements AutoCloseable {
    private final Connection connection = database.getConnection();

    private Lock() throws SQLException {
      connection.setAutoCommit(false);
      EngineDatabase.execute(connection, LOCK, workflowId);
    }

    long waiting() throws SQLException {
      return Rows.waiting(database);
    }

    @Override
    public void close() throws SQLException {
      connection.rollback();
      connection.setAutoCommit(true);
      connection.close();
    }
  }

  /** How many the statistics count by status. */
  Map<ExecutionStatus, Integer> counted() throws SQLException {
    Map<ExecutionStatus, Integer> counts = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(COUNTED)) {
      statement.setObject(1, workflowId);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          counts.put(ExecutionStatus.valueOf(row.getString(1)), row.getInt(2));
        }
      }
    }
    return counts;
  }

  static Map<ExecutionStatus, Integer> counted(Reference reference) {
    Map<ExecutionStatus, Integer> counts = new HashMap<>();
    reference.executions.forEach(execution -> counts.merge(execution.status, 1, Integer::sum));
    return counts;
  }
}
