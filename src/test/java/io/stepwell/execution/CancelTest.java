package io.stepwell.execution;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestExecution.steps;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class CancelTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String GOOD =
      "{'name': 'good', 'type': 'custom_action', 'config': {'fail': 'never'}}";
  private static final String WAIT =
      "{'name': 'w', 'type': 'wait', 'config': {'durationMs': 60000}}";

  private static TestWorkspace own;

  private final DataSource database = TestDatabase.ofService();

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private static String call(StubServer stub, String more) {
    return "{'name': 'call', 'type': 'call_api', 'config': {'url': '%s'}%s}"
        .formatted(stub.url(), more);
  }

  private static JsonNode json(Response answer) {
    return Json.read(answer.then().statusCode(200).extract().asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "DELETE"})
  void a_cancel_answers_with_the_cancelled_execution(String method) {
    TestExecution running = TestWorkflow.of(own, GOOD + "," + WAIT + "," + BRANCH).start();
    running.awaitStep("w", "RUNNING");
    JsonNode cancelled =
        json(
            given()
                .header("Authorization", "Bearer " + own.key("operator"))
                .request(method, running.path("")));

    assertThat(cancelled.path("status").textValue()).isEqualTo("CANCELLED");
    assertThat(statuses(cancelled).values())
        .containsExactly("COMPLETED", "CANCELLED", "CANCELLED", "CANCELLED");
    assertThat(cancelled.get("error").isNull()).isTrue();
    assertThat(cancelled.at("/timing/finishedAt").isTextual()).isTrue();
    assertThat(cancelled.at("/progress/runningSteps").intValue()).isZero();
    assertThat(cancelled.at("/progress/completedSteps").intValue()).isEqualTo(1);
    assertThat(step(cancelled, "w").path("attempts").intValue()).isEqualTo(1);
    assertThat(step(cancelled, "c").path("attempts").intValue()).isZero();
    JsonNode later = running.get();
    assertThat(later).isEqualTo(cancelled);
  }

  private static final String BRANCH =
      """
      {'name': 'c', 'type': 'condition', 'config': {'expression': 'true'}, 'then': [
        {'name': 'nested', 'type': 'custom_action', 'config': {'fail': 'never'}}]}\
      """;

  @Test
  void the_running_attempt_is_interrupted_and_no_later_step_starts() {
    try (StubServer silent = StubServer.silent();
        StubServer later = StubServer.answering(request -> Answer.status(204))) {
      TestExecution running =
          TestWorkflow.of(
                  own,
                  call(silent, "")
                      + ", {'name': 'later', 'type': 'call_api', 'config': {'url': '"
                      + later.url()
                      + "'}}")
              .start();
      await().atMost(SOON).until(() -> silent.requests().size() == 1);
      long began = System.nanoTime();
      running.cancel().then().statusCode(200);
      await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> silent.hungUp() == 1);

      // a second is promised; this machine may be busy
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
      JsonNode execution = running.get();
      assertThat(statuses(execution).values()).containsExactly("CANCELLED", "CANCELLED");
      assertThat(step(execution, "call").path("attempts").intValue()).isLessThanOrEqualTo(1);
      assertThat(later.requests()).isEmpty();
      assertThat(silent.requests()).hasSize(1);
    }
  }

  @Test
  void an_attempt_that_would_be_retried_is_not() {
    try (StubServer silent = StubServer.silent()) {
      TestExecution running =
          TestWorkflow.of(
                  own,
                  call(silent, ", 'onError': 'retry', 'retry': {'maxRetries': 5, 'delayMs': 1}"))
              .start();
      await().atMost(SOON).until(() -> silent.requests().size() == 1);
      running.cancel().then().statusCode(200);
      await().atMost(SOON).until(() -> silent.hungUp() == 1);
      // whatever its runner did, what came after it in the queue is done
      TestWorkflow.of(own, GOOD).run();
      assertThat(silent.requests()).hasSize(1);
    }
  }

  @Test
  void a_backoff_is_cut_short() {
    try (StubServer failing = StubServer.answering(request -> Answer.status(503))) {
      for (int delay : new int[] {1_900, 60_000}) {
        TestExecution running =
            TestWorkflow.of(
                    own,
                    call(
                        failing,
                        ", 'onError': 'retry', 'retry': {'maxRetries': 5, 'delayMs': %d}"
                            .formatted(delay)))
                .start();
        running.await(seen -> step(seen, "call").path("attempts").intValue() >= 1);
        JsonNode cancelled = json(running.cancel());
        assertThat(statuses(cancelled)).containsExactly(Map.entry("call", "CANCELLED"));
      }
      int before = failing.requests().size();
      await()
          .during(Duration.ofMillis(2_500))
          .atMost(SOON)
          .until(() -> failing.requests().size() == before);
    }
  }

  @Test
  void to_cancel_again_changes_nothing() {
    TestExecution execution = TestWorkflow.of(own, WAIT).start();
    JsonNode first = json(execution.cancel());
    assertThat(json(execution.cancel())).isEqualTo(first);
    assertThat(statistics(execution, "CANCELLED")).isEqualTo(1);
  }

  private static int statistics(TestExecution execution, String status) {
    String workflow = execution.get().path("workflowId").textValue();
    return as(own.key("viewer"))
        .get(own.path("/workflows/" + workflow + "/executions"))
        .path("statistics.byStatus." + status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"never", "always"})
  void what_is_finished_cannot_be_cancelled(String fail) {
    TestWorkflow workflow =
        TestWorkflow.of(own, "{'type': 'custom_action', 'config': {'fail': '" + fail + "'}}");
    JsonNode finished = workflow.run();
    TestExecution execution = new TestExecution(own, finished.path("id").textValue());
    execution
        .cancel()
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("code", equalTo("execution_finished"));
    assertThat(execution.get()).isEqualTo(finished);
  }

  @Test
  void of_a_cancel_and_the_end_one_wins_for_good() {
    TestWorkflow workflow = TestWorkflow.of(own, GOOD + "," + GOOD.replace("good", "good_2"));
    int cancelled = 0;
    for (int i = 0; i < 50; i++) {
      TestExecution execution = workflow.start();
      Response answer = execution.cancel();
      String told = answer.statusCode() == 200 ? answer.path("status") : "COMPLETED";
      assertThat(answer.statusCode()).isIn(200, 409);
      JsonNode seen = execution.get();
      assertThat(seen.path("status").textValue()).isEqualTo(told);
      Set<String> allowed =
          told.equals("CANCELLED") ? Set.of("COMPLETED", "CANCELLED") : Set.of("COMPLETED");
      assertThat(statuses(seen).values()).allMatch(allowed::contains);
      cancelled += told.equals("CANCELLED") ? 1 : 0;
    }
    JsonNode list =
        Json.read(as(own.key("viewer")).get(workflow.path("/executions?limit=100")).asString());
    assertThat(list.at("/statistics/byStatus/CANCELLED").intValue()).isEqualTo(cancelled);
    assertThat(list.at("/statistics/byStatus/COMPLETED").intValue()).isEqualTo(50 - cancelled);
    assertThat(list.at("/statistics/byStatus/RUNNING").intValue()).isZero();
  }

  @Test
  void the_task_that_a_cancelled_execution_waits_for_is_cancelled() {
    TestExecution waiting =
        TestWorkflow.of(
                own,
                """
                {'name': 'other', 'type': 'create_task', 'config': {'title': 'other'}},
                {'name': 'task', 'type': 'create_task',
                 'config': {'title': 'approve', 'waitForCompletion': true}}\
                """)
            .start();
    waiting.awaitStep("task", "RUNNING");
    String id = task("approve", "OPEN");
    waiting.cancel().then().statusCode(200);

    as(own.key("viewer"))
        .get(own.path("/tasks/" + id))
        .then()
        .statusCode(200)
        .body("status", equalTo("CANCELLED"));
    assertThat(task("other", "OPEN")).isNotNull();
    as(own.key("operator"))
        .body("{\"status\": \"DONE\"}")
        .patch(own.path("/tasks/" + id))
        .then()
        .statusCode(409);
    assertThat(steps(waiting.get()).getLast().path("status").textValue()).isEqualTo("CANCELLED");
  }

  @Test
  void what_runs_in_a_workspace_that_is_deleted_is_cancelled() throws SQLException {
    TestWorkspace gone = TestWorkspace.create();
    TestExecution running = TestWorkflow.of(gone, WAIT).start();
    running.awaitStep("w", "RUNNING");
    as(ADMIN_KEY).delete(gone.path("")).then().statusCode(204);
    // a look after old rows may come before ours
    await()
        .atMost(SOON)
        .until(() -> statusInDatabase(running), status -> !status.equals("RUNNING"));
    assertThat(statusInDatabase(running)).isIn("CANCELLED", "gone");
  }

  private String statusInDatabase(TestExecution execution) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement query =
            connection.prepareStatement("select status from execution where id = ?")) {
      query.setObject(1, UUID.fromString(execution.id()));
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getString(1) : "gone";
      }
    }
  }

  private static String task(String title, String status) {
    return await()
        .atMost(SOON)
        .until(
            () ->
                as(own.key("viewer"))
                    .get(own.path("/tasks?status=" + status))
                    .path("tasks.find { it.title == '" + title + "' }?.id"),
            id -> id != null);
  }
}
