package io.stepwell.execution;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What expressions and handlers see of an execution. */
@QuarkusTest
class ScopeTest {
  private static TestWorkspace own;

  private final StubServer stub = StubServer.answering(request -> Answer.json("{}"));

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

  /** An action that sends the value of an expression to the stub. */
  private String send(String expression) {
    return "{'name': 'send', 'type': 'call_api', 'config':"
        + " {'url': '%s', 'method': 'POST', 'body': {'value': '{{ %s }}'}}}"
            .formatted(stub.url(), expression);
  }

  private JsonNode sent() {
    return Json.read(stub.requests().getLast().body()).path("value");
  }

  private static final String A =
      "{'name': 'a', 'type': 'custom_action', 'config': {'fail': 'never'}}";

  @Test
  void an_expression_sees_the_trigger_and_where_it_runs() {
    StubServer plain = StubServer.answering(request -> Answer.status(204));
    JsonNode execution;
    try (plain) {
      execution =
          TestWorkflow.of(
                  own,
                  """
                  {'name': 'send', 'type': 'call_api', 'config': {
                    'url': '%s', 'method': 'POST', 'body': {
                      'trigger': '{{ trigger }}', 'triggerData': '{{ triggerData.n }}',
                      'bare': '{{ trigger.list }}', 'missing': '{{ trigger.no.such }}',
                      'text': 'n is {{ trigger.n }}!',
                      'workspace': '{{ workspace }}', 'workflow': '{{ workflow }}',
                      'execution': '{{ execution }}', 'user': '{{ user.id }}',
                      'previous': '{{ previous }}', 'results': '{{ previousStepResults }}'}}}\
                  """
                      .formatted(plain.url()))
              .run("{'n': 1.50, 'list': [1, 'x']}");
    }
    JsonNode seen = Json.read(plain.requests().getFirst().body());

    assertThat(seen.path("trigger")).isEqualTo(execution.path("triggerData"));
    assertThat(seen.path("triggerData").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(seen.path("bare")).isEqualTo(Json.read("[1, \"x\"]"));
    assertThat(seen.get("missing").isNull()).isTrue();
    assertThat(seen.path("text").textValue()).startsWith("n is 1.5");
    assertThat(seen.path("workspace"))
        .isEqualTo(Json.object().put("id", own.id().toString()).put("slug", own.slug()));
    assertThat(seen.at("/workflow/id")).isEqualTo(execution.path("workflowId"));
    assertThat(seen.at("/workflow/key")).isEqualTo(execution.path("workflowKey"));
    assertThat(seen.at("/workflow/version").intValue()).isEqualTo(1);
    assertThat(seen.at("/execution/id")).isEqualTo(execution.path("id"));
    assertThat(seen.at("/execution/startedAt")).isEqualTo(execution.at("/timing/startedAt"));
    assertThat(seen.path("user")).isEqualTo(execution.path("userId"));
    assertThat(seen.get("previous").isNull()).isTrue();
    assertThat(seen.path("results")).isEqualTo(Json.array());
  }

  @Test
  void an_expression_sees_the_steps_before_it() {
    JsonNode execution =
        TestWorkflow.of(
                own,
                """
                %s,
                {'name': 'bad', 'type': 'custom_action', 'config': {'fail': 'always'},
                 'onError': 'continue'},
                {'name': 'skipped', 'type': 'custom_action', 'config': {'fail': 'never'},
                 'when': 'false'},
                """
                        .formatted(A)
                    + send("steps"))
            .run();

    JsonNode steps = sent();
    assertThat(steps.properties().stream().map(member -> member.getKey()))
        .containsExactlyInAnyOrder("a", "bad", "skipped");
    assertThat(steps.at("/a/status").textValue()).isEqualTo("COMPLETED");
    assertThat(steps.at("/a/attempts").intValue()).isEqualTo(1);
    assertThat(steps.at("/a/output")).isEqualTo(output(execution, "a"));
    assertThat(steps.at("/a/error").isNull()).isTrue();
    assertThat(steps.at("/bad/status").textValue()).isEqualTo("FAILED");
    assertThat(steps.at("/bad/error/code").textValue()).isEqualTo("custom_failure");
    assertThat(steps.at("/skipped/status").textValue()).isEqualTo("SKIPPED");
    assertThat(steps.at("/skipped/output").isNull()).isTrue();
  }

  @Test
  void previous_is_the_output_of_the_step_before() {
    TestWorkflow.of(own, A + "," + send("previous.result")).run();
    assertThat(sent().textValue()).isEqualTo("data");
  }

  @Test
  void previous_results_are_those_of_the_steps_that_ran_in_order() {
    TestWorkflow.of(
            own,
            """
            %s,
            {'name': 'skipped', 'type': 'custom_action', 'config': {'fail': 'never'},
             'when': 'false'},
            {'name': 'c', 'type': 'condition', 'config': {'expression': 'true'}},
            """
                    .formatted(A)
                + send("previousStepResults.name"))
        .run();
    assertThat(sent()).isEqualTo(Json.read("[\"a\", \"c\"]"));
  }

  @Test
  void what_was_before_a_wait_is_seen_after_it() {
    TestWorkflow.of(
            own,
            A
                + ", {'name': 'w', 'type': 'wait', 'config': {'durationMs': 50}}, "
                + send("[steps.a.output.result, previousStepResults.name]"))
        .run();
    assertThat(sent()).isEqualTo(Json.read("[\"data\", \"a\", \"w\"]"));
  }

  @Test
  void a_handler_sees_its_execution() {
    TestWorkflow workflow =
        TestWorkflow.of(
            own,
            """
            %s, {'name': 'mine', 'type': 'custom_action', 'config': {'fail': 'once'},
                 'onError': 'retry', 'retry': {'maxRetries': 1, 'delayMs': 1}}\
            """
                .formatted(A));
    JsonNode execution = workflow.run("{'n': 1}");
    JsonNode seen = output(execution, "mine");
    String id = execution.path("id").textValue();

    assertThat(seen.path("workspaceId").textValue()).isEqualTo(own.id().toString());
    assertThat(seen.path("workflowId").textValue()).isEqualTo(workflow.id());
    assertThat(seen.path("executionId").textValue()).isEqualTo(id);
    assertThat(seen.path("userId")).isEqualTo(execution.path("userId"));
    assertThat(seen.path("stepName").textValue()).isEqualTo("mine");
    assertThat(seen.path("attempt").intValue()).isEqualTo(2);
    assertThat(seen.path("idempotencyKey").textValue()).isEqualTo(id + ":mine");
    assertThat(seen.path("previousSteps").intValue()).isEqualTo(1);
    assertThat(seen.path("triggerData")).isEqualTo(Json.read("{\"n\": 1}"));
  }

  @Test
  void a_secret_goes_out_and_is_never_shown() {
    String secret = "s3cr3t-value-of-a-test";
    as(own.key("editor"))
        .body("{\"value\": \"" + secret + "\"}")
        .put(own.path("/secrets/TOKEN"))
        .then()
        .statusCode(201);
    JsonNode execution;
    try (StubServer echo =
        StubServer.answering(request ->
            request.path().startsWith("/fail")
                ? new Answer(400, Map.of(), request.headers().get("authorization"))
                : Answer.json(
                    "{'"
                        + request.headers().get("authorization")
                        + "': ['x "
                        + request.headers().get("authorization")
                        + "']}"))) {
      execution =
          TestWorkflow.of(
                  own,
                  """
                  {'name': 'ok', 'type': 'call_api', 'config': {'url': '%1$s',
                    'headers': {'Authorization': 'Bearer {{ secrets.TOKEN }}'}}},
                  {'name': 'bad', 'type': 'call_api', 'onError': 'continue', 'config': {
                    'url': '%1$sfail', 'headers': {'Authorization': 'Bearer {{ secrets.TOKEN }}'}}},
                  {'name': 'told', 'type': 'send_notification', 'config': {
                    'message': 'hello', 'recipient': '{{ steps.bad.error.message }}'}}\
                  """
                      .formatted(echo.url()))
              .run();
      assertThat(echo.requests())
          .hasSize(2)
          .allSatisfy(request ->
              assertThat(request.headers()).containsEntry("authorization", "Bearer " + secret));
    }

    assertThat(output(execution, "ok").at("/body/Bearer ***/0").textValue())
        .isEqualTo("x Bearer ***");
    assertThat(step(execution, "bad").at("/error/message").textValue()).contains("Bearer ***");
    assertThat(execution.toString()).doesNotContain(secret);
    TestExecution seen = new TestExecution(own, execution.path("id").textValue());
    String stream =
        as(own.key("viewer")).accept("text/event-stream").get(seen.path("/stream")).asString();
    assertThat(stream).contains("Bearer ***").doesNotContain(secret);
    String notifications = as(own.key("viewer")).get(own.path("/notifications")).asString();
    assertThat(notifications).contains("Bearer ***").doesNotContain(secret);
  }
}
