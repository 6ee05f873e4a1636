package io.stepwell.inbox;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkspace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks that a step of a running execution waits for. */
@QuarkusTest
class WaitingTaskTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String WORKFLOW =
      """
      {"key": "approval", "actions": [
        {"name": "note", "type": "create_task", "config": {"title": "For later"}},
        {"name": "ask", "type": "create_task",
         "config": {"title": "Approve?", "assignedTo": "ann", "waitForCompletion": true}},
        {"name": "tell", "type": "send_notification",
         "config": {"recipient": "bob", "message": "{{ steps.ask.output.result.verdict }}"}}]}
      """;

  private final DataSource database = TestDatabase.ofService();
  private final ExecutorService people = Executors.newFixedThreadPool(2);
  private TestWorkspace workspace;

  @BeforeEach
  void createWorkflow() {
    workspace = TestWorkspace.create();
    as(workspace.key("editor"))
        .body(WORKFLOW)
        .post(workspace.path("/workflows"))
        .then()
        .statusCode(201);
  }

  @AfterEach
  void stop() {
    people.shutdownNow();
  }

  /** An execution that waits for its task. */
  private record Waiting(String executionId, String taskId) {}

  private Waiting start() {
    String execution =
        as(workspace.key("operator"))
            .post(workspace.path("/workflows/approval/execute"))
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    await().atMost(DEADLINE).until(() -> waitingTask(execution).size() == 1);
    return new Waiting(execution, waitingTask(execution).getFirst());
  }

  private List<String> waitingTask(String execution) {
    JsonPath tasks = get("/tasks").extract().jsonPath();
    return tasks.getList(
        "tasks.findAll { it.executionId == '" + execution + "' && it.waitForCompletion }.id");
  }

  @Test
  void the_step_goes_on_with_what_whoever_completed_the_task_gave() {
    Waiting waiting = start();
    get("/tasks/" + waiting.taskId)
        .body("executionId", equalTo(waiting.executionId))
        .body("stepPath", equalTo("1"))
        .body("assignedTo", equalTo("ann"));

    String completedBy =
        patch(waiting, "{\"status\": \"DONE\", \"result\": {\"verdict\": \"yes\"}}")
            .then()
            .statusCode(200)
            .extract()
            .path("completedBy");

    awaitStatus(waiting, "COMPLETED")
        .body("steps[1].output.taskId", equalTo(waiting.taskId))
        .body("steps[1].output.status", equalTo("DONE"))
        .body("steps[1].output.completedBy", equalTo(completedBy))
        .body("steps[1].output.result.verdict", equalTo("yes"));
    get("/notifications?recipient=bob")
        .body("notifications.message", equalTo(List.of("yes")))
        .body("notifications[0].executionId", equalTo(waiting.executionId));
  }

  @Test
  void completing_without_a_result_gives_the_step_the_one_given_before() {
    Waiting waiting = start();

    patch(waiting, "{\"result\": {\"verdict\": \"perhaps\"}}").then().statusCode(200);
    patch(waiting, "{\"status\": \"DONE\"}").then().statusCode(200);

    awaitStatus(waiting, "COMPLETED").body("steps[1].output.result.verdict", equalTo("perhaps"));
  }

  @Test
  void a_cancelled_task_fails_the_step() {
    Waiting waiting = start();

    patch(waiting, "{\"status\": \"CANCELLED\"}").then().statusCode(200);

    awaitStatus(waiting, "FAILED")
        .body("error.code", equalTo("task_cancelled"))
        .body("error.step", equalTo("ask"))
        .body("error.message", startsWith("The task " + waiting.taskId + " was cancelled by "));
  }

  @Test
  void cancelling_the_execution_cancels_only_the_task_it_waits_for() {
    Waiting waiting = start();

    cancel(waiting).then().statusCode(200);

    get("/tasks/" + waiting.taskId)
        .body("status", equalTo("CANCELLED"))
        .body("completedBy", nullValue());
    get("/tasks?status=OPEN").body("tasks.title", equalTo(List.of("For later")));
    patch(waiting, "{\"status\": \"DONE\"}")
        .then()
        .statusCode(409)
        .body("code", equalTo("task_finished"));
  }

  @Test
  void completing_takes_the_executions_lock_before_the_tasks() throws Exception {
    Waiting waiting = start();
    try (Connection cancel = database.getConnection()) {
      cancel.setAutoCommit(false);
      run(
          cancel,
          "select 1 from execution_queue where execution_id = ? for no key update",
          waiting.executionId);

      Future<Response> completed = people.submit(() -> patch(waiting, "{\"status\": \"DONE\"}"));
      await().atMost(DEADLINE).until(() -> isSomebodyWaitingFor(cancel));
      // with the other order this deadlocks
      run(
          cancel,
          "update task set status = 'CANCELLED', completed_at = now() where id = ? returning id",
          waiting.taskId);
      cancel.commit();
      cancel.setAutoCommit(true);

      completed.get(20, TimeUnit.SECONDS).then().statusCode(409);
    }
    get("/tasks/" + waiting.taskId).body("status", equalTo("CANCELLED"));
    try (Connection connection = database.getConnection()) {
      assertThat(
              run(
                  connection,
                  "select signal from step_run where execution_id = ? and path = '1'",
                  waiting.executionId))
          .isEqualTo("null");
    }
    cancel(waiting).then().statusCode(200);
  }

  @Test
  void the_step_has_the_result_that_the_task_has_though_it_came_late() throws Exception {
    Waiting waiting = start();
    try (Connection other = database.getConnection()) {
      other.setAutoCommit(false);
      run(
          other,
          "select 1 from execution_queue where execution_id = ? for no key update",
          waiting.executionId);

      Future<Response> completed = people.submit(() -> patch(waiting, "{\"status\": \"DONE\"}"));
      await().atMost(DEADLINE).until(() -> isSomebodyWaitingFor(other));
      patch(waiting, "{\"result\": {\"verdict\": \"late\"}}").then().statusCode(200);
      other.rollback();
      other.setAutoCommit(true);

      completed
          .get(20, TimeUnit.SECONDS)
          .then()
          .statusCode(200)
          .body("result.verdict", equalTo("late"));
    }
    awaitStatus(waiting, "COMPLETED").body("steps[1].output.result.verdict", equalTo("late"));
  }

  @Test
  void of_two_people_who_complete_it_at_once_one_wins() throws Exception {
    for (int round = 0; round < 8; round++) {
      Waiting waiting = start();

      List<Response> answers =
          atOnce(
              () -> patch(waiting, "{\"status\": \"DONE\", \"result\": {\"verdict\": \"a\"}}"),
              () -> patch(waiting, "{\"status\": \"DONE\", \"result\": {\"verdict\": \"b\"}}"));

      assertThat(answers).extracting(Response::statusCode).containsExactlyInAnyOrder(200, 409);
      String winner =
          (answers.get(0).statusCode() == 200 ? answers.get(0) : answers.get(1))
              .path("result.verdict");
      get("/tasks/" + waiting.taskId).body("result.verdict", equalTo(winner));
      awaitStatus(waiting, "COMPLETED").body("steps[1].output.result.verdict", equalTo(winner));
    }
  }

  @Test
  void of_completing_the_task_and_cancelling_the_execution_at_once_one_wins() throws Exception {
    for (int round = 0; round < 8; round++) {
      Waiting waiting = start();

      List<Response> answers =
          atOnce(
              () -> patch(waiting, "{\"status\": \"DONE\", \"result\": {\"verdict\": \"a\"}}"),
              () -> cancel(waiting));

      int completed = answers.get(0).statusCode();
      int cancelled = answers.get(1).statusCode();
      assertThat(completed).isIn(200, 409);
      get("/tasks/" + waiting.taskId)
          .body("status", equalTo(completed == 200 ? "DONE" : "CANCELLED"));
      // a cancel may still come before the execution has gone on, or when it is over already
      assertThat(cancelled).isIn(completed == 200 ? List.of(200, 409) : List.of(200));
      awaitStatus(waiting, cancelled == 200 ? "CANCELLED" : "COMPLETED");
    }
  }

  private List<Response> atOnce(Callable<Response> one, Callable<Response> other) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(2);
    List<Future<Response>> running = new ArrayList<>();
    for (Callable<Response> call : List.of(one, other)) {
      running.add(
          people.submit(() -> {
            barrier.await(20, TimeUnit.SECONDS);
            return call.call();
          }));
    }
    return List.of(
        running.get(0).get(20, TimeUnit.SECONDS), running.get(1).get(20, TimeUnit.SECONDS));
  }

  private ValidatableResponse get(String path) {
    return as(workspace.key("viewer")).get(workspace.path(path)).then().statusCode(200);
  }

  private Response patch(Waiting waiting, String body) {
    return as(workspace.key("operator"))
        .body(body)
        .patch(workspace.path("/tasks/" + waiting.taskId));
  }

  private Response cancel(Waiting waiting) {
    return as(workspace.key("operator"))
        .delete(workspace.path("/workflows/executions/" + waiting.executionId));
  }

  private ValidatableResponse awaitStatus(Waiting waiting, String status) {
    String path = "/workflows/executions/" + waiting.executionId;
    await().atMost(DEADLINE).untilAsserted(() -> get(path).body("status", equalTo(status)));
    return get(path);
  }

  private static String run(Connection connection, String sql, String id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, UUID.fromString(id));
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        return String.valueOf(row.getString(1));
      }
    }
  }

  /** Whether another connection waits for a lock that this one holds. */
  private static boolean isSomebodyWaitingFor(Connection holder) throws SQLException {
    try (PreparedStatement statement =
            holder.prepareStatement(
                """
                select exists (select 1 from pg_stat_activity
                  where pg_backend_pid() = any (pg_blocking_pids(pid)))
                """);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
