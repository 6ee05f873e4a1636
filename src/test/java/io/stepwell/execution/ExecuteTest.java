package io.stepwell.execution;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ExecuteTest {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

  private static final String UUID_7 =
      "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

  private static final String GATE = "{'type': 'condition', 'config': {'expression': 'true'}}";

  private static final String WAIT = "{'type': 'wait', 'config': {'durationMs': 60000}}";

  private static TestWorkspace own;

  private static TestWorkflow quick;

  @BeforeEach
  void createWorkspace() {
    if (own == null) { // and not before all: the client learns the port only before each
      own = TestWorkspace.create();
      quick = TestWorkflow.of(own, GATE);
    }
  }

  private static JsonNode json(Response answer) {
    return Json.read(answer.asString());
  }

  @Test
  void an_execution_is_accepted_at_its_address() {
    Response answer =
        quick.execute("{'triggerData': {'userId': 'user_123'}, 'labels': {'team': 'a'}}");

    String id =
        answer
            .then()
            .statusCode(202)
            .contentType("application/json")
            .body("id", matchesPattern(UUID_7))
            .body("workflowId", equalTo(quick.id()))
            .body("workflowVersion", equalTo(1))
            .body("triggerData.userId", equalTo("user_123"))
            .body("labels.team", equalTo("a"))
            .extract()
            .path("id");
    assertThat(answer.header("Location")).isEqualTo(own.path("/workflows/executions/" + id));
    as(own.key("viewer")).get(answer.header("Location")).then().statusCode(200);
  }

  @Test
  void an_execution_has_every_member_of_the_contract_and_no_other() {
    JsonNode execution =
        TestWorkflow.of(
                own,
                """
                {'name': 'greet', 'type': 'send_notification',
                 'config': {'message': 'Welcome {{ trigger.userId }}!', 'recipient': 'ann'}}\
                """)
            .run("{'userId': 'user_123'}");

    assertThat(names(execution))
        .containsExactly(
            "id",
            "workflowId",
            "workflowKey",
            "workflowVersion",
            "status",
            "triggerData",
            "userId",
            "labels",
            "error",
            "steps",
            "progress",
            "timing");
    assertThat(execution.path("workflowKey").textValue()).startsWith("t-");
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.path("userId").textValue()).matches("apikey:[a-z0-9]{8}");
    assertThat(execution.path("labels")).isEqualTo(Json.object());
    assertThat(execution.get("error").isNull()).isTrue();
    JsonNode step = execution.at("/steps/0");
    assertThat(names(step))
        .containsExactly(
            "index",
            "path",
            "name",
            "type",
            "status",
            "attempts",
            "output",
            "error",
            "startedAt",
            "finishedAt",
            "durationMs");
    assertThat(step.path("index").intValue()).isZero();
    assertThat(step.path("path").textValue()).isEqualTo("0");
    assertThat(step.path("type").textValue()).isEqualTo("send_notification");
    assertThat(step.path("attempts").intValue()).isEqualTo(1);
    assertThat(step.get("error").isNull()).isTrue();
    assertThat(step.path("startedAt").textValue()).matches(TIME);
    assertThat(step.path("finishedAt").textValue()).matches(TIME);
    assertThat(step.path("durationMs").isIntegralNumber()).isTrue();
    assertThat(execution.path("progress"))
        .isEqualTo(
            Json.read(
                """
                {"totalSteps": 1, "completedSteps": 1, "successfulSteps": 1, "failedSteps": 0,
                 "skippedSteps": 0, "runningSteps": 0, "percentage": 100}\
                """));
    JsonNode timing = execution.path("timing");
    assertThat(names(timing))
        .containsExactly("createdAt", "startedAt", "finishedAt", "queuedMs", "durationMs");
    assertThat(timing.path("createdAt").textValue()).matches(TIME);
    assertThat(timing.path("finishedAt").textValue()).matches(TIME);
    assertThat(timing.path("queuedMs").isIntegralNumber()).isTrue();
    assertThat(timing.path("durationMs").isIntegralNumber()).isTrue();
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(member -> member.getKey()).toList();
  }

  @Test
  void steps_that_have_not_started_are_listed_as_pending() {
    TestExecution started = TestWorkflow.of(own, WAIT + "," + GATE).start();
    JsonNode execution = started.awaitStep("wait_1", "RUNNING");

    assertThat(execution.path("status").textValue()).isEqualTo("RUNNING");
    assertThat(execution.at("/steps/0/finishedAt").isNull()).isTrue();
    assertThat(execution.at("/steps/0/output").isNull()).isTrue();
    assertThat(execution.at("/steps/1/status").textValue()).isEqualTo("PENDING");
    assertThat(execution.at("/steps/1/attempts").intValue()).isZero();
    assertThat(execution.at("/steps/1/startedAt").isNull()).isTrue();
    assertThat(execution.at("/progress/runningSteps").intValue()).isEqualTo(1);
    assertThat(execution.at("/progress/percentage").intValue()).isZero();
    assertThat(execution.at("/timing/finishedAt").isNull()).isTrue();
    assertThat(execution.at("/timing/durationMs").isIntegralNumber()).isTrue();
    started.cancel();
  }

  @Test
  void the_user_of_an_execution_is_the_one_of_the_key() {
    String key =
        as(ADMIN_KEY)
            .body("{\"name\": \"ann's\", \"role\": \"operator\", \"userId\": \"ann\"}")
            .post(own.path("/api-keys"))
            .then()
            .statusCode(201)
            .extract()
            .path("key");
    as(key).post(quick.path("/execute")).then().statusCode(202).body("userId", equalTo("ann"));
  }

  @Test
  void no_body_is_an_empty_one() {
    given()
        .header("Authorization", "Bearer " + own.key("operator"))
        .post(quick.path("/execute"))
        .then()
        .statusCode(202)
        .body("triggerData", equalTo(Map.of()))
        .body("labels", equalTo(Map.of()));
    quick.operator().post(quick.path("/execute")).then().statusCode(202);
    quick.execute("{}").then().statusCode(202);
    quick.execute("{'triggerData': null, 'labels': null}").then().statusCode(202);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"wait=30", "wait=60", "wait=999", "respond-async, wait=30", "WAIT = 30; x=y"})
  void a_client_may_wait_for_the_end(String prefer) {
    quick
        .operator()
        .header("Prefer", prefer)
        .post(quick.path("/execute"))
        .then()
        .statusCode(200)
        .header("Location", matchesPattern(".*/workflows/executions/" + UUID_7))
        .body("status", equalTo("COMPLETED"))
        .body("timing.finishedAt", matchesPattern(TIME));
  }

  @Test
  void a_client_that_waited_for_long_enough_is_answered() {
    TestWorkflow waiting = TestWorkflow.of(own, WAIT);
    long began = System.nanoTime();
    Response answer = waiting.operator().header("Prefer", "wait=1").post(waiting.path("/execute"));

    answer.then().statusCode(202).body("timing.finishedAt", nullValue());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
    new TestExecution(own, answer.path("id")).cancel();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "wait", "wait=", "wait=-1", "wait=x", "wait=0", "await=30", "1"})
  void a_preference_that_is_none_is_ignored(String prefer) {
    TestWorkflow waiting = TestWorkflow.of(own, WAIT);
    long began = System.nanoTime();
    Response answer = waiting.operator().header("Prefer", prefer).post(waiting.path("/execute"));

    answer.then().statusCode(202);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    new TestExecution(own, answer.path("id")).cancel();
  }

  @Test
  void what_is_just_within_the_bounds_comes_back_as_it_was() {
    String data =
        "{'n': %s, 'd': 1.10, 'e': 1e307, 'deep': %s%s, 'pair': '\\ud83d\\ude00', 'z': {}, 'a': []}"
            .formatted("9".repeat(100), "[".repeat(62), "]".repeat(62));
    Response answer = quick.execute("{'triggerData': " + data + "}");

    answer.then().statusCode(202);
    JsonNode stored = json(answer).path("triggerData");
    assertThat(stored).isEqualTo(Json.read(data.replace('\'', '"')));
    assertThat(names(stored)).containsExactly("n", "d", "e", "deep", "pair", "z", "a");
    assertThat(stored.path("n").bigIntegerValue()).isEqualTo(new BigInteger("9".repeat(100)));
  }

  @Test
  void ids_grow_with_time() {
    assertThat(List.of(quick.start().id(), quick.start().id(), quick.start().id())).isSorted();
  }
}
