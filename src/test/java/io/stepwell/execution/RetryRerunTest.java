package io.stepwell.execution;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class RetryRerunTest {
  private static final String GOOD =
      "{'name': 'good', 'type': 'custom_action', 'config': {'fail': 'never'}}";

  private static TestWorkspace own;

  private final AtomicInteger status = new AtomicInteger(500);
  private final StubServer stub =
      StubServer.answering(
          request -> Answer.status(request.path().equals("/flaky") ? status.get() : 200));

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  @AfterEach
  void closeStub() {
    stub.close();
  }

  /** Two steps that work, one that works when the stub does, and one more. */
  private TestWorkflow flaky() {
    return TestWorkflow.of(
        own,
        """
        {'name': 'first', 'type': 'call_api', 'config': {'url': '%1$sfirst'}},
        {'name': 'tolerated', 'type': 'custom_action', 'config': {'fail': 'always'},
         'onError': 'continue'},
        {'name': 'flaky', 'type': 'call_api', 'config': {'url': '%1$sflaky'}},
        {'name': 'last', 'type': 'call_api', 'config': {'url': '%1$slast'}}\
        """
            .formatted(stub.url()));
  }

  private static TestExecution of(JsonNode execution) {
    return new TestExecution(own, execution.path("id").textValue());
  }

  private List<String> calls() {
    return stub.requests().stream().map(StubServer.Request::path).toList();
  }

  private static JsonNode statistics(TestWorkflow workflow) {
    return Json.read(as(own.key("viewer")).get(workflow.path("/executions")).asString())
        .path("statistics");
  }

  private static JsonNode accepted(Response answer) {
    return Json.read(answer.then().statusCode(202).extract().asString());
  }

  @Test
  void a_retry_goes_on_from_the_step_that_failed() {
    TestWorkflow workflow = flaky();
    JsonNode failed = workflow.run("{'n': 1}");
    assertThat(statuses(failed).values())
        .containsExactly("COMPLETED", "FAILED", "FAILED", "PENDING");
    assertThat(failed.at("/progress/percentage").intValue()).isEqualTo(75);
    assertThat(statistics(workflow).at("/byStatus/FAILED").intValue()).isEqualTo(1);

    status.set(200);
    TestExecution execution = of(failed);
    Response answer = execution.post("/retry");
    JsonNode retried = accepted(answer);
    assertThat(answer.header("Location")).isEqualTo(execution.path(""));
    assertThat(retried.path("id")).isEqualTo(failed.path("id"));
    assertThat(retried.path("status").textValue()).isEqualTo("PENDING");
    assertThat(retried.get("error").isNull()).isTrue();
    assertThat(retried.at("/timing/finishedAt").isNull()).isTrue();

    JsonNode completed = execution.awaitEnd();
    assertThat(completed.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(completed).values())
        .containsExactly("COMPLETED", "FAILED", "COMPLETED", "COMPLETED");
    assertThat(step(completed, "first")).isEqualTo(step(failed, "first"));
    assertThat(step(completed, "tolerated")).isEqualTo(step(failed, "tolerated"));
    assertThat(step(completed, "flaky").path("attempts").intValue()).isEqualTo(1);
    assertThat(completed.at("/timing/startedAt")).isEqualTo(failed.at("/timing/startedAt"));
    assertThat(calls()).containsExactly("/first", "/flaky", "/flaky", "/last");
    assertThat(statistics(workflow).at("/byStatus/FAILED").intValue()).isZero();
    assertThat(statistics(workflow).at("/byStatus/COMPLETED").intValue()).isEqualTo(1);
    assertThat(statistics(workflow).at("/successRate").doubleValue()).isEqualTo(100.0);
    assertThat(statistics(workflow).at("/averageDurationMs"))
        .isEqualTo(completed.at("/timing/durationMs"));
  }

  @Test
  void a_retry_that_fails_may_be_retried_again() {
    TestExecution execution = of(flaky().run());
    accepted(execution.post("/retry"));
    JsonNode again = execution.awaitEnd();
    assertThat(again.path("status").textValue()).isEqualTo("FAILED");
    assertThat(again.at("/error/step").textValue()).isEqualTo("flaky");
    assertThat(again.at("/progress/percentage").intValue()).isEqualTo(75);
    status.set(200);
    accepted(execution.post("/retry"));
    assertThat(execution.awaitEnd().path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(calls()).containsExactly("/first", "/flaky", "/flaky", "/flaky", "/last");
  }

  @Test
  void the_percentage_never_falls() {
    TestExecution execution = of(flaky().run());
    List<Integer> seen = new ArrayList<>();
    seen.add(execution.get().at("/progress/percentage").intValue());
    status.set(200);
    seen.add(accepted(execution.post("/retry")).at("/progress/percentage").intValue());
    execution.await(now -> {
      seen.add(now.at("/progress/percentage").intValue());
      return now.path("status").textValue().equals("COMPLETED");
    });
    assertThat(seen).isSorted().startsWith(75).endsWith(100);
  }

  @Test
  void a_cancelled_execution_goes_on() {
    TestExecution execution =
        TestWorkflow.of(
                own,
                GOOD
                    + ", {'name': 'w', 'type': 'wait', 'config': {'durationMs': 2000}}, "
                    + GOOD.replace("good", "end"))
            .start();
    JsonNode waiting = execution.awaitStep("w", "RUNNING");
    execution.cancel().then().statusCode(200);
    JsonNode retried = accepted(execution.post("/retry"));
    assertThat(statuses(retried).values()).containsExactly("COMPLETED", "PENDING", "PENDING");

    JsonNode completed = execution.awaitEnd();
    assertThat(statuses(completed).values()).containsExactly("COMPLETED", "COMPLETED", "COMPLETED");
    assertThat(step(completed, "good")).isEqualTo(step(waiting, "good"));
    assertThat(step(completed, "w").path("durationMs").longValue()).isGreaterThanOrEqualTo(2_000);
    assertThat(output(completed, "end").path("previousSteps").intValue()).isEqualTo(2);
  }

  @Test
  void an_execution_that_was_cancelled_before_its_first_step_goes_on() {
    TestExecution execution = TestWorkflow.of(own, GOOD).start();
    if (execution.cancel().statusCode() == 200) {
      accepted(execution.post("/retry"));
    }
    assertThat(execution.awaitEnd().path("status").textValue()).isEqualTo("COMPLETED");
  }

  @Test
  void what_is_not_over_or_went_well_cannot_be_retried() {
    TestExecution completed = of(TestWorkflow.of(own, GOOD).run());
    TestExecution running =
        TestWorkflow.of(own, "{'name': 'w', 'type': 'wait', 'config': {'durationMs': 60000}}")
            .start();
    running.awaitStep("w", "RUNNING");
    for (TestExecution execution : List.of(completed, running)) {
      execution
          .post("/retry")
          .then()
          .statusCode(409)
          .contentType("application/problem+json")
          .body("code", equalTo("execution_not_retryable"));
    }
    running.cancel();
  }

  @Test
  void a_retry_stays_on_its_version() {
    TestWorkflow workflow = flaky();
    TestExecution execution = of(workflow.run());
    workflow.replace("'actions': [" + GOOD + "]");
    status.set(200);
    accepted(execution.post("/retry"));
    JsonNode completed = execution.awaitEnd();
    assertThat(completed.path("workflowVersion").intValue()).isEqualTo(1);
    assertThat(statuses(completed)).containsEntry("last", "COMPLETED");
  }

  @Test
  void a_rerun_is_a_new_execution_of_the_same() {
    TestWorkflow workflow = TestWorkflow.of(own, GOOD);
    String id =
        workflow
            .execute("{'triggerData': {'n': 1.50}, 'labels': {'team': 'a'}}")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    TestExecution first = new TestExecution(own, id);
    JsonNode original = first.awaitEnd();
    workflow.replace("'actions': []");

    Response answer = first.post("/rerun");
    answer.then().statusCode(202).body("id", not(equalTo(id))).body("workflowVersion", equalTo(1));
    JsonNode again = new TestExecution(own, answer.path("id")).awaitEnd();
    assertThat(answer.header("Location"))
        .isEqualTo(own.path("/workflows/executions/" + again.path("id").textValue()));
    assertThat(again.path("triggerData")).isEqualTo(original.path("triggerData"));
    assertThat(again.path("labels")).isEqualTo(original.path("labels"));
    assertThat(statuses(again)).isEqualTo(statuses(original));
    assertThat(first.get()).isEqualTo(original);
  }

  @Test
  void an_archived_workflow_is_not_run_again() {
    TestWorkflow workflow = TestWorkflow.of(own, GOOD);
    TestExecution execution = of(workflow.run());
    workflow.archive();
    execution.post("/rerun").then().statusCode(404).body("code", equalTo("workflow_not_found"));
  }

  @Test
  void a_rerun_with_the_same_key_gives_back_the_first_one() {
    TestWorkflow workflow = TestWorkflow.of(own, GOOD);
    TestExecution first = of(workflow.run());
    TestExecution second = of(workflow.run());

    String id = rerun(first, "again").then().statusCode(202).extract().path("id");

    assertThat(id).isNotEqualTo(first.id());
    rerun(first, "again")
        .then()
        .statusCode(202)
        .header("Idempotency-Replayed", "true")
        .body("id", equalTo(id));
    rerun(second, "again").then().statusCode(422).body("code", equalTo("idempotency_key_reused"));
    // nor does an execute of the same content repeat it
    workflow
        .operator()
        .header("Idempotency-Key", "again")
        .body("{}")
        .post(workflow.path("/execute"))
        .then()
        .statusCode(422)
        .body("code", equalTo("idempotency_key_reused"));
    rerun(first, "k".repeat(256))
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_idempotency_key"));
    assertThat(statistics(workflow).path("total").intValue()).isEqualTo(3);
  }

  private static Response rerun(TestExecution execution, String key) {
    return as(own.key("operator")).header("Idempotency-Key", key).post(execution.path("/rerun"));
  }
}
