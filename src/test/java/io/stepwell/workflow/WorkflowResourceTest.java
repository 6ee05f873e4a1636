package io.stepwell.workflow;

import static io.stepwell.workflow.Definitions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.stepwell.kernel.Json;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class WorkflowResourceTest {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  private static final String WELCOME =
      """
      {'key': 'welcome-user', 'name': 'Welcome a user', 'description': 'Says hello', 'enabled': true,
       'triggerSchema': {'type': 'object', 'required': ['userId'],
                         'properties': {'userId': {'type': 'string'}, 'x': {'maximum': 1.50}}},
       'actions': [
         {'name': 'greet', 'type': 'send_notification',
          'config': {'message': 'Welcome {{ trigger.userId }}!', 'recipient': '{{ trigger.userId }}'},
          'onError': 'continue', 'timeout': 30000},
         {'type': 'condition', 'config': {'field': 'trigger.x', 'operator': 'equals', 'value': 1.50},
          'then': [{'type': 'wait', 'config': {'durationMs': 5}}], 'else': []}]}
      """;

  private WorkflowApi api;

  @BeforeEach
  void openWorkspace() {
    api = new WorkflowApi();
  }

  @Test
  void a_new_workflow_has_an_address_a_tag_and_version_one() {
    String id =
        api.post(WELCOME)
            .then()
            .statusCode(201)
            .header("ETag", "\"1\"")
            .body("id", matchesPattern("[0-9a-f]{8}-[0-9a-f]{4}-7.*"))
            .body("version", equalTo(1))
            .body("createdAt", matchesPattern(TIME))
            .body("updatedAt", matchesPattern(TIME))
            .body("archivedAt", nullValue())
            .extract()
            .path("id");

    String location = api.post("{'key': 'b', 'actions': []}").getHeader("Location");
    assertThat(location).contains("/api/workspaces/" + api.workspace.slug() + "/workflows/");
    api.editor().get(location).then().statusCode(200).body("key", equalTo("b"));
    api.get("/" + id).then().statusCode(200).header("ETag", "\"1\"").body("id", equalTo(id));
  }

  @Test
  void it_answers_with_what_was_sent_to_the_last_digit() {
    String created = api.post(WELCOME).asString();
    String read = api.get("/welcome-user").asString();

    assertThat(read).isEqualTo(created).contains("1.50");
    ObjectNode answer = (ObjectNode) Json.read(read);
    answer.remove(List.of("id", "version", "createdAt", "updatedAt", "archivedAt"));
    assertThat((JsonNode) answer).isEqualTo(json(WELCOME));
  }

  @Test
  void defaults_of_the_workflow_are_filled_in() {
    api.post("{'key': 'a', 'actions': [{'type': 'wait', 'config': {'durationMs': 0}}]}")
        .then()
        .statusCode(201)
        .body("name", equalTo("a"))
        .body("$", hasKey("description"))
        .body("description", nullValue())
        .body("enabled", equalTo(true))
        .body("$", hasKey("triggerSchema"))
        .body("triggerSchema", nullValue())
        .body("actions[0]", not(hasKey("name")));
  }

  @Test
  void a_workflow_is_found_by_its_id_in_any_case_and_by_its_key() {
    String id = api.create("by-key");

    api.get("/by-key").then().statusCode(200).body("id", equalTo(id));
    api.get("/" + id).then().statusCode(200);
    api.get("/" + id.toUpperCase(Locale.ROOT)).then().statusCode(200);
  }

  @Test
  void a_key_may_have_the_form_of_an_id_but_an_id_comes_first() {
    String id = api.create("first");
    String lookalike = UUID.randomUUID().toString();
    String other = api.create(lookalike);
    api.create(id);

    api.get("/" + lookalike).then().statusCode(200).body("id", equalTo(other));
    api.get("/" + id).then().statusCode(200).body("key", equalTo("first"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nonesuch", "0198f6a0-0000-7000-8000-000000000000", "Not-A-Key", "a%00b", "a_b"})
  void what_is_not_there_is_not_found(String id) {
    api.get("/" + id).then().statusCode(404);
  }

  @Test
  void the_executions_of_the_workspace_are_not_taken_for_a_workflow() {
    api.get("/executions").then().statusCode(200).body("executions", empty());
  }

  @Test
  void another_workspace_does_not_see_it() {
    String id = api.create("mine");
    WorkflowApi other = new WorkflowApi();

    other.get("/" + id).then().statusCode(404).body("code", equalTo("workflow_not_found"));
    other.get("/mine").then().statusCode(404);
    other.put(id, "{'actions': []}").then().statusCode(404);
    other.delete(id).then().statusCode(404);
    other.get("/" + id + "/versions").then().statusCode(404);
    other.get("").then().statusCode(200).body("workflows", empty());
    assertThat(other.create("mine")).isNotEqualTo(id);
  }

  @Test
  void the_list_is_newest_first_and_comes_in_pages() {
    for (String key : List.of("a", "b", "c")) {
      api.create(key);
    }

    String cursor =
        api.get("?limit=2")
            .then()
            .statusCode(200)
            .body("workflows.key", contains("c", "b"))
            .body("workflows[0].version", equalTo(1))
            .body("workflows[0].enabled", equalTo(true))
            .body("workflows[0].createdAt", matchesPattern(TIME))
            .body("workflows[0]", not(hasKey("actions")))
            .body("pagination.limit", equalTo(2))
            .body("pagination.nextCursor", notNullValue())
            .extract()
            .path("pagination.nextCursor");
    api.get("?limit=2&cursor=" + cursor)
        .then()
        .statusCode(200)
        .body("workflows.key", contains("a"))
        .body("pagination.nextCursor", nullValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=0", "limit=101", "limit=x", "cursor=x"})
  void a_page_that_cannot_be_is_malformed(String query) {
    api.get("?" + query).then().statusCode(400);
  }

  @Test
  void the_list_shows_the_current_version() {
    String id = api.create("a");
    api.put(id, "{'name': 'New', 'description': 'D', 'enabled': false, 'actions': []}");

    api.get("")
        .then()
        .body("workflows[0].name", equalTo("New"))
        .body("workflows[0].description", equalTo("D"))
        .body("workflows[0].enabled", equalTo(false))
        .body("workflows[0].version", equalTo(2));
  }

  @Test
  void an_archived_workflow_keeps_its_history_and_gives_its_key_away() {
    String id = api.create("a");
    api.put(id, "{'name': 'two', 'actions': []}").then().statusCode(200);

    api.delete(id).then().statusCode(204).body(equalTo(""));

    api.delete(id).then().statusCode(404).body("code", equalTo("workflow_not_found"));
    api.delete("a").then().statusCode(404);
    api.put(id, "{'actions': []}").then().statusCode(404);
    api.get("").then().body("workflows", empty());
    api.get("/" + id).then().statusCode(200).body("archivedAt", matchesPattern(TIME));
    api.get("/a").then().statusCode(200).body("id", equalTo(id)).body("name", equalTo("two"));
    api.get("/a/versions").then().statusCode(200).body("versions.version", contains(2, 1));
    api.get("/" + id + "/versions/1").then().statusCode(200).body("name", equalTo("a"));

    String successor = api.create("a");
    api.get("/a").then().statusCode(200).body("id", equalTo(successor));
    api.delete("a").then().statusCode(204);
    api.get("/a").then().statusCode(200).body("id", equalTo(successor));
    api.get("/" + id).then().statusCode(200).body("id", equalTo(id));
  }

  @Test
  void the_open_api_document_describes_it() {
    String base = "paths.'/api/workspaces/{slug}/workflows";
    RestAssured.given()
        .queryParam("format", "json")
        .get("/q/openapi")
        .then()
        .statusCode(200)
        .body(base + "'.post.summary", equalTo("Create a workflow"))
        .body(
            base + "'.post.requestBody.content.'application/json'.schema.'$ref'",
            endsWith("/WorkflowDefinition"))
        .body(base + "/{id}'.put.responses", hasKey("412"))
        .body("components.schemas.Action.properties", hasKey("else"));
  }
}
