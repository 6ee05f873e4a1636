package io.stepwell.execution;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class IdempotencyTest {
  private static TestWorkspace own;

  @TestHTTPResource URI base;
  private TestWorkflow workflow;

  @BeforeEach
  void createWorkflow() {
    if (own == null) {
      own = TestWorkspace.create();
    }
    workflow = TestWorkflow.of(own, "");
  }

  private Response execute(TestWorkflow workflow, String key, String body) {
    return workflow
        .operator()
        .header("Idempotency-Key", key)
        .body(body.replace('\'', '"'))
        .post(workflow.path("/execute"));
  }

  private int total() {
    return as(own.key("viewer")).get(workflow.path("/executions")).path("statistics.total");
  }

  @Test
  void of_two_hundred_at_once_exactly_one_is_executed() {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(workflow.path("/execute")))
            .header("Authorization", "Bearer " + own.key("operator"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "all-at-once")
            .POST(HttpRequest.BodyPublishers.ofString("{\"triggerData\": {\"n\": 1}}"))
            .build();
    List<HttpResponse<String>> answers = new ArrayList<>();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        sent.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
      }
      sent.forEach(answer -> answers.add(answer.join()));
    }

    Set<String> ids = new HashSet<>();
    answers.forEach(answer -> ids.add(Json.read(answer.body()).path("id").textValue()));
    assertThat(answers).allMatch(answer -> answer.statusCode() == 202);
    assertThat(ids).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.headers().firstValue("Idempotency-Replayed").isEmpty())
        .hasSize(1);
    assertThat(total()).isEqualTo(1);
  }

  @Test
  void the_same_key_and_body_give_back_the_first_execution() {
    String id =
        execute(workflow, "k", "{'triggerData': {'a': 1}}")
            .then()
            .statusCode(202)
            .header("Idempotency-Replayed", nullValue())
            .extract()
            .path("id");
    execute(workflow, "k", "{ 'triggerData': {'a':1} }")
        .then()
        .statusCode(202)
        .header("Idempotency-Replayed", "true")
        .header("Location", own.path("/workflows/executions/" + id))
        .body("id", equalTo(id));
    assertThat(total()).isEqualTo(1);
  }

  @Test
  void a_repeated_request_may_wait_for_the_end() {
    execute(workflow, "k", "{}").then().statusCode(202);
    workflow
        .operator()
        .header("Idempotency-Key", "k")
        .header("Prefer", "wait=30")
        .post(workflow.path("/execute"))
        .then()
        .statusCode(200)
        .header("Idempotency-Replayed", "true")
        .body("status", equalTo("COMPLETED"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'triggerData': {'a': 2}}",
        "{'triggerData': {'a': '1'}}",
        "{'triggerData': {'a': 1, 'b': null}}",
        "{'triggerData': {'a': 1}, 'labels': {'x': 'y'}}"
      })
  void the_same_key_with_another_body_is_refused(String other) {
    execute(workflow, "k", "{'triggerData': {'a': 1}}").then().statusCode(202);
    execute(workflow, "k", other)
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("code", equalTo("idempotency_key_reused"));
    assertThat(total()).isEqualTo(1);
  }

  @Test
  void the_same_key_of_another_workflow_is_another() {
    String first = execute(workflow, "k", "{}").path("id");
    TestWorkflow second = TestWorkflow.of(own, "");
    execute(second, "k", "{}")
        .then()
        .statusCode(202)
        .header("Idempotency-Replayed", nullValue())
        .body("workflowId", equalTo(second.id()));
    assertThat(execute(workflow, "k", "{}").<String>path("id")).isEqualTo(first);
  }

  @Test
  void a_repeated_request_is_answered_as_the_first_one_was_whatever_the_workflow_is_now() {
    String id = execute(workflow, "k", "{}").path("id");
    workflow.replace("'enabled': false, 'actions': []");
    execute(workflow, "k", "{}").then().statusCode(202).body("id", equalTo(id));
    execute(workflow, "new", "{}").then().statusCode(409);

    workflow.replace("'triggerSchema': {'required': ['x']}, 'actions': []");
    execute(workflow, "k", "{}").then().statusCode(202).body("id", equalTo(id));
    execute(workflow, "new", "{}").then().statusCode(422);
  }

  @Test
  void a_refused_request_uses_no_key_up() {
    TestWorkflow strict =
        TestWorkflow.define(own, "'triggerSchema': {'required': ['x']}, 'actions': []");
    execute(strict, "k", "{}").then().statusCode(422).body("code", equalTo("trigger_data_invalid"));
    execute(strict, "k", "{'triggerData': {'x': 1}}")
        .then()
        .statusCode(202)
        .header("Idempotency-Replayed", nullValue());
  }

  @Test
  void a_key_has_1_to_255_characters() {
    execute(workflow, "k".repeat(255), "{}").then().statusCode(202);
    execute(workflow, "k".repeat(256), "{}")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_idempotency_key"));
    assertThat(total()).isEqualTo(1);
  }

  @Test
  void without_a_key_every_request_is_an_execution() {
    String first = workflow.start().id();
    assertThat(workflow.start().id()).isNotEqualTo(first);
    assertThat(total()).isEqualTo(2);
  }
}
