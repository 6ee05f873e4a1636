package io.stepwell.execution;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an execute, and what comes after it, is refused for. */
@QuarkusTest
class ExecuteRefusalTest {
  private static final String GATE = "{'type': 'condition', 'config': {'expression': 'true'}}";

  private static TestWorkspace own;

  private static TestWorkflow quick;

  @BeforeEach
  void createWorkspace() {
    if (own == null) { // and not before all: the client learns the port only before each
      own = TestWorkspace.create();
      quick = TestWorkflow.of(own, GATE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'triggerdata': {}}                     | /triggerdata",
        "{'triggerData': {}, 'extra': 1}         | /extra",
        "{'triggerData': []}                     | /triggerData",
        "{'triggerData': 'x'}                    | /triggerData",
        "{'triggerData': 1}                      | /triggerData",
        "{'labels': []}                          | /labels",
        "{'labels': {'a': 1}}                    | /labels/a",
        "{'labels': {'a': null}}                 | /labels/a",
        "{'labels': {'a/b': {}}}                 | /labels/a~1b",
        "{'labels': {'a:b': 'x'}}                | /labels/a:b",
      })
  void a_body_of_the_wrong_shape_is_refused_with_its_place(String body, String pointer) {
    quick
        .execute(body)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("invalid_request"))
        .body("errors.pointer", contains(pointer));
  }

  @Test
  void everything_that_is_wrong_with_a_body_is_said_at_once() {
    quick
        .execute("{'triggerData': 1, 'labels': {'a': 1, 'b': []}, 'x': 1}")
        .then()
        .statusCode(400)
        .body("errors.pointer", contains("/triggerData", "/labels/a", "/labels/b", "/x"));
    quick.execute("[]").then().statusCode(400).body("errors.pointer", contains(""));
    quick.execute("null").then().statusCode(400).body("errors.pointer", contains(""));
  }

  @Test
  void trigger_data_is_checked_with_every_violation() {
    TestWorkflow strict =
        TestWorkflow.define(
            own,
            """
            'triggerSchema': {'type': 'object', 'required': ['userId'], 'properties': {
              'userId': {'type': 'string'}, 'age': {'type': 'integer', 'minimum': 18},
              'tags': {'type': 'array', 'items': {'type': 'string'}}}},
            'actions': []\
            """);
    Response answer = strict.execute("{'triggerData': {'userId': 1, 'age': 3, 'tags': ['a', 7]}}");

    answer
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("code", equalTo("trigger_data_invalid"));
    assertThat(answer.<List<String>>path("errors.pointer"))
        .containsExactlyInAnyOrder(
            "/triggerData/userId", "/triggerData/age", "/triggerData/tags/1");
    assertThat(strict.execute("{}").<List<String>>path("errors.detail").getFirst())
        .contains("userId");
    assertThat(total(strict)).isZero();
    strict.execute("{'triggerData': {'userId': 'u'}}").then().statusCode(202);
  }

  @Test
  void an_answer_of_problems_is_small_whatever_the_schema_says() {
    String choices = String.join(",", Collections.nCopies(3_000, "'a choice of many'"));
    TestWorkflow strict =
        TestWorkflow.define(
            own,
            "'triggerSchema': {'properties': {'list': {'items': {'enum': ["
                + choices
                + "]}}}}, 'actions': []");
    String numbers = String.join(",", Collections.nCopies(50_000, "7"));

    Response answer = strict.execute("{'triggerData': {'list': [" + numbers + "]}}");

    answer.then().statusCode(422).body("code", equalTo("trigger_data_invalid"));
    assertThat(answer.body().asByteArray()).hasSizeLessThan(256 << 10);
    List<String> details = answer.path("errors.detail");
    assertThat(details)
        .hasSize(101)
        .allSatisfy(detail -> assertThat(detail.length()).isLessThan(301));
    assertThat(details.getLast()).matches("and [0-9]+ more");
  }

  @Test
  @Timeout(60)
  void a_pattern_that_would_take_minutes_costs_its_own_request_a_moment() {
    TestWorkflow hostile =
        TestWorkflow.define(
            own,
            "'triggerSchema': {'properties': {'x': {'pattern': '((a{0,90}){0,90})b'}}}, 'actions': []");
    String body = "{'triggerData': {'x': '" + "a".repeat(900_000) + "'}}";

    hostile.execute(body).then().statusCode(422).body("code", equalTo("trigger_data_invalid"));
    as(own.key("editor"))
        .contentType("application/json")
        .body(
            """
            {"key": "k", "name": "n", "actions": [], "triggerSchema":
              {"properties": {"x": {"pattern": "((a{0,100}){0,100}){0,5}b"}}}}
            """)
        .post(own.path("/workflows/validate"))
        .then()
        .body("errors.pointer", contains("/triggerSchema/properties/x/pattern"));
  }

  private static int total(TestWorkflow workflow) {
    return as(own.key("viewer")).get(workflow.path("/executions")).path("statistics.total");
  }

  @Test
  void a_disabled_workflow_is_not_executed() {
    TestWorkflow disabled = TestWorkflow.define(own, "'enabled': false, 'actions': []");
    disabled.execute("{}").then().statusCode(409).body("code", equalTo("workflow_disabled"));
    disabled.replace("'enabled': true, 'actions': []");
    disabled.execute("{}").then().statusCode(202).body("workflowVersion", equalTo(2));
  }

  @Test
  void an_archived_workflow_is_not_there_but_its_history_is() {
    TestWorkflow workflow = TestWorkflow.of(own, GATE);
    String id = workflow.run().path("id").textValue();
    workflow.archive();

    workflow.execute("{}").then().statusCode(404).body("code", equalTo("workflow_not_found"));
    as(own.key("viewer"))
        .get(workflow.path("/executions"))
        .then()
        .statusCode(200)
        .body("executions.id", contains(id));
    assertThat(new TestExecution(own, id).get().path("status").textValue()).isEqualTo("COMPLETED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such", "0198c0de-0000-7000-8000-000000000000", "executions", "%00"})
  void an_unknown_workflow_is_not_there(String id) {
    as(own.key("operator"))
        .body("{}")
        .post(own.path("/workflows/" + id + "/execute"))
        .then()
        .statusCode(404)
        .contentType("application/problem+json");
  }

  @Test
  void another_workspace_s_workflow_and_executions_are_not_there() {
    TestWorkspace other = TestWorkspace.create();
    String execution = quick.run().path("id").textValue();

    as(other.key("operator"))
        .body("{}")
        .post(other.path("/workflows/" + quick.id() + "/execute"))
        .then()
        .statusCode(404);
    TestExecution seen = new TestExecution(other, execution);
    as(other.key("operator")).get(seen.path("")).then().statusCode(404);
    assertThat(stream(seen)).isEqualTo(404);
    for (String below : List.of("", "/stream-tickets", "/retry", "/rerun")) {
      assertThat(seen.post(below).statusCode()).as(below).isEqualTo(404);
    }
    as(other.key("operator")).delete(seen.path("")).then().statusCode(404);
    as(other.key("viewer"))
        .get(other.path("/workflows/" + quick.id() + "/executions"))
        .then()
        .statusCode(404);
  }

  private static int stream(TestExecution execution) {
    return as(execution.workspace().key("viewer"))
        .accept("text/event-stream")
        .get(execution.path("/stream"))
        .statusCode();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0198c0de-0000-7000-8000-000000000000", "%00", "1"})
  void an_unknown_execution_is_not_there(String id) {
    as(own.key("viewer"))
        .get(own.path("/workflows/executions/" + id))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
  }

  @Test
  void a_viewer_sees_and_does_nothing() {
    TestExecution execution = quick.start();
    String viewer = own.key("viewer");
    as(viewer).get(execution.path("")).then().statusCode(200);
    as(viewer).post(quick.path("/execute")).then().statusCode(403);
    as(viewer).post(execution.path("")).then().statusCode(403);
    as(viewer).delete(execution.path("")).then().statusCode(403);
    as(viewer).post(execution.path("/retry")).then().statusCode(403);
    as(viewer)
        .post(execution.path("/rerun"))
        .then()
        .statusCode(403)
        .body("code", equalTo("role_missing"));
    given().post(quick.path("/execute")).then().statusCode(401);
  }

  @Test
  void a_body_over_one_mebibyte_is_refused() {
    String large = "x".repeat(1 << 20);
    quick
        .execute("{'triggerData': {'a': '" + large + "'}}")
        .then()
        .statusCode(413)
        .body("code", equalTo("body_too_large"));
  }

  @Test
  void a_body_that_is_not_json_is_415() {
    given()
        .header("Authorization", "Bearer " + own.key("operator"))
        .contentType("text/plain")
        .body("{}")
        .post(quick.path("/execute"))
        .then()
        .statusCode(415);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "x",
        "{'triggerData': {'a': 1, 'a': 2}}",
        "{'triggerData': {}} {}",
        "{'triggerData': {}} x",
        "{'triggerData': {'a': '\\u0000'}}",
        "{'triggerData': {'\\u0000': 1}}",
        "{'triggerData': {'a': '\\ud800'}}",
        "{'triggerData': {'a': '\\udc00x'}}",
        "{'triggerData': {'a': 1e999999}}",
        "{'triggerData': {'a': 1e-999999}}",
        "{'triggerData': {'a': 1e99999999999}}",
        "{'triggerData': {'a': NaN}}",
        "{'triggerData': {'a': 01}}",
        "{'labels': {'a': '\\u0000'}}",
      })
  void what_cannot_be_stored_is_refused_and_nothing_is(String body) {
    assertRefused(body);
  }

  @Test
  void numbers_of_too_many_digits_and_trees_too_deep_are_refused() {
    assertRefused("{'triggerData': {'a': " + "1".repeat(101) + "}}");
    assertRefused("{'triggerData': {'a': 0." + "1".repeat(101) + "}}");
    assertRefused("{'triggerData': {'a': " + "[".repeat(63) + "]".repeat(63) + "}}");
  }

  private static void assertRefused(String body) {
    TestWorkflow fresh = TestWorkflow.of(own, GATE);
    fresh
        .execute(body)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("malformed_json"));
    assertThat(total(fresh)).isZero();
  }
}
