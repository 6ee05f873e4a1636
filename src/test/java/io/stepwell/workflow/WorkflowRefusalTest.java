package io.stepwell.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.http.Method;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class WorkflowRefusalTest {
  private WorkflowApi api;

  @BeforeEach
  void openWorkspace() {
    api = new WorkflowApi();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'key': 7, 'actions': []}                                    | 400 | /key",
        "{'key': 'a', 'actions': 'none'}                              | 400 | /actions",
        "{'key': 'a', 'actions': [], 'id': 'x'}                       | 400 | /id",
        "{'key': 'a', 'actions': [{'type': 'wait', 'config': {'durationMs': 1}, 'x': 1}]} | 400 |"
            + " /actions/0/x",
        "{'key': 'a', 'actions': [{'type': 'wait', 'config': {'durationMs': 1}, 'onError': 'retry',"
            + " 'retry': {'x': 1}}]} | 400 | /actions/0/retry/x",
        "{'actions': []}                                              | 422 | /key",
        "{'key': 'a'}                                                 | 422 | /actions",
        "{'key': 'Not A Key', 'actions': []}                          | 422 | /key",
        "{'key': 'executions', 'actions': []}                         | 422 | /key",
        "{'key': 'validate', 'actions': []}                           | 422 | /key",
        "{'key': 'a', 'triggerSchema': {'type': 'strin'}, 'actions': []} | 422 |"
            + " /triggerSchema/type",
        "{'key': 'a', 'actions': [{'type': 'no_such_type'}]}          | 422 | /actions/0/type",
        "{'key': 'a', 'actions': [{'type': 'wait', 'config': {'durationMs': 1}, 'when': '1 +'}]} |"
            + " 422 | /actions/0/when",
        "{'key': 'a', 'actions': [{'type': 'send_notification', 'config': {'recipient': 'r',"
            + " 'message': '{{ 1 + }}'}}]} | 422 | /actions/0/config/message",
        "{'key': 'a', 'actions': [{'type': 'create_task', 'config': {'title': 't', 'priority':"
            + " 'SOON'}}]} | 422 | /actions/0/config/priority",
        "{'key': 'a', 'actions': [{'type': 'wait', 'name': 'n', 'config': {'durationMs': 1}},"
            + " {'type': 'wait', 'name': 'n', 'config': {'durationMs': 1}}]} | 422 |"
            + " /actions/1/name",
      })
  void a_bad_definition_is_refused_and_nothing_is_stored(String body, int status, String pointer) {
    api.post(body)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("code", equalTo(status == 400 ? "invalid_request" : "workflow_invalid"))
        .body("errors.pointer", hasItem(pointer));
    api.validate(body)
        .then()
        .statusCode(200)
        .body("valid", is(false))
        .body("errors.pointer", hasItem(pointer));
    api.get("").then().body("workflows", empty());
  }

  @Test
  void every_problem_is_listed_at_once() {
    String body =
        """
        {'key': 'A', 'colour': 'red', 'actions': [
          {'type': 'no_such_type'}, {'type': 'wait', 'config': {'durationMs': 1}, 'timeout': 0}]}
        """;

    api.post(body)
        .then()
        .statusCode(400)
        .body(
            "errors.pointer",
            containsInAnyOrder("/key", "/colour", "/actions/0/type", "/actions/1/timeout"));
  }

  @Test
  void a_replacement_is_checked_as_a_creation_is() {
    String id = api.create("a");

    api.put(id, "{'actions': [{'type': 'no_such_type'}]}").then().statusCode(422);
    api.put(id, "{'actions': [], 'colour': 1}").then().statusCode(400);
    api.put(id, "{'key': 'executions', 'actions': []}").then().statusCode(422);
    api.get("/" + id).then().body("version", equalTo(1));
  }

  @Test
  void a_taken_key_is_a_conflict_that_validate_does_not_look_at() {
    api.create("taken");

    api.post("{'key': 'taken', 'actions': []}")
        .then()
        .statusCode(409)
        .body("code", equalTo("key_taken"));
    api.validate("{'key': 'taken', 'actions': []}")
        .then()
        .statusCode(200)
        .body("valid", is(true))
        .body("errors", empty());
  }

  @Test
  void validate_stores_nothing() {
    api.validate("{'key': 'fine', 'actions': []}").then().statusCode(200).body("valid", is(true));

    api.get("").then().body("workflows", empty());
  }

  @Test
  void validate_answers_for_any_object() {
    api.validate("{}")
        .then()
        .statusCode(200)
        .body("valid", is(false))
        .body("errors.pointer", containsInAnyOrder("/key", "/actions"));
    api.validate("{'key': {}, 'actions': 3, 'x': []}")
        .then()
        .statusCode(200)
        .body("errors.pointer", containsInAnyOrder("/key", "/actions", "/x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "'text'", "1", "null", "{'key': 'a', 'key': 'b'}", "{} {}"})
  void what_is_no_json_object_is_malformed(String body) {
    assertThat(api.post(body).statusCode()).isEqualTo(400);
    assertThat(api.validate(body).statusCode()).isEqualTo(400);
    assertThat(api.put(api.create("a"), body).statusCode()).isEqualTo(400);
  }

  @Test
  void another_content_type_is_unsupported() {
    api.editor().contentType(ContentType.TEXT).body("{}").post(api.path("")).then().statusCode(415);
  }

  @ParameterizedTest
  @CsvSource({
    "viewer, GET, '', 200",
    "viewer, GET, /mine, 200",
    "viewer, GET, /mine/versions, 200",
    "viewer, GET, /mine/versions/1, 200",
    "viewer, POST, '', 403",
    "viewer, POST, /validate, 403",
    "viewer, PUT, /mine, 403",
    "viewer, DELETE, /mine, 403",
    "operator, POST, '', 403",
    "operator, PUT, /mine, 403",
    "operator, DELETE, /mine, 403",
    "editor, POST, /validate, 200",
    "admin, PUT, /mine, 422",
    "admin, DELETE, /mine, 204",
  })
  void a_role_may_do_what_it_may(String role, Method method, String below, int status) {
    api.create("mine");

    api.as(role)
        .body(method == Method.GET ? "" : "{}")
        .request(method, api.path(below))
        .then()
        .statusCode(status);
  }

  @Test
  void without_a_key_nothing_is_told() {
    RestAssured.given()
        .get(api.path("/mine"))
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", startsWith("Bearer"));
  }
}
