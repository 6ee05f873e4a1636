package io.stepwell.execution;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ExecutionArchiveTest {
  private static final String ACTIONS =
      """
      {'name': 'note', 'type': 'send_notification',
       'config': {'channel': 'inbox', 'recipient': 'ann', 'message': 'hello'}},
      {'name': 'ask', 'type': 'create_task', 'config': {'title': 'Look at it'}},
      {'name': 'no', 'type': 'custom_action', 'when': 'false', 'config': {'fail': 'never'}},
      {'name': 'bad', 'type': 'custom_action', 'config': {'fail': '{{ trigger.fail }}'}},
      {'name': 'later', 'type': 'wait', 'config': {'durationMs': '{{ trigger.wait }}'}}\
      """;

  private static final int LARGE = 4 << 20;

  private static TestWorkspace own;

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private static TestExecution run(TestWorkflow workflow, String fail) {
    JsonNode ended = workflow.run("{'fail': '%s', 'wait': 0}".formatted(fail));
    return new TestExecution(own, ended.path("id").textValue());
  }

  private static Response purge(TestExecution execution, String role) {
    return as(own.key(role)).post(execution.path("/purge"));
  }

  private static JsonNode export(TestExecution execution) {
    return Json.read(
        as(own.key("viewer"))
            .get(execution.path("/export"))
            .then()
            .statusCode(200)
            .contentType("application/json")
            .header(
                "Content-Disposition",
                "attachment; filename=\"execution-" + execution.id() + ".json\"")
            .extract()
            .asString());
  }

  @Test
  void an_export_has_all_that_the_answers_have() {
    TestExecution execution = run(TestWorkflow.of(own, ACTIONS), "always");
    run(TestWorkflow.of(own, ACTIONS), "always");

    JsonNode export = export(execution);

    JsonNode shown = execution.get();
    assertThat(export.properties().stream().map(member -> member.getKey()))
        .containsExactlyInAnyOrder("execution", "steps", "notifications", "tasks");
    assertThat(export.path("steps")).isEqualTo(shown.path("steps"));
    assertThat(export.at("/execution/triggerData")).isEqualTo(shown.path("triggerData"));
    assertThat(export.at("/execution/status").textValue()).isEqualTo("FAILED");
    assertThat(export.at("/execution/error")).isEqualTo(shown.path("error"));
    assertThat(export.at("/execution/timing")).isEqualTo(shown.path("timing"));
    assertThat(export.path("notifications")).hasSize(1);
    assertThat(export.at("/notifications/0/message").textValue()).isEqualTo("hello");
    assertThat(export.at("/notifications/0/createdAt").textValue()).endsWith("Z");
    assertThat(export.path("tasks")).hasSize(1);
    assertThat(export.at("/tasks/0/title").textValue()).isEqualTo("Look at it");
  }

  @Test
  void an_export_leaves_no_output_out() throws SQLException {
    TestExecution execution = run(TestWorkflow.of(own, ACTIONS), "never");
    // more than an answer has, as many calls may give together
    try (Connection connection = TestDatabase.ofService().getConnection();
        PreparedStatement enlarge =
            connection.prepareStatement(
                "update step_run set output = json_build_object('a', repeat('x', ?))"
                    + " where execution_id = ?")) {
      enlarge.setInt(1, LARGE);
      enlarge.setObject(2, UUID.fromString(execution.id()));
      enlarge.executeUpdate();
    }
    assertThat(execution.get().at("/steps/4/outputTruncated").booleanValue()).isTrue();

    JsonNode export = export(execution);

    assertThat(export.path("steps")).hasSize(5);
    export
        .path("steps")
        .forEach(step -> assertThat(step.at("/output/a").textValue()).hasSize(LARGE));
  }

  @Test
  void only_what_is_there_can_be_exported_or_purged() {
    TestExecution nothing = new TestExecution(own, UUID.randomUUID().toString());
    as(own.key("viewer"))
        .get(nothing.path("/export"))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
    purge(nothing, "admin").then().statusCode(404).body("code", equalTo("execution_not_found"));
    TestWorkspace other = TestWorkspace.create();
    TestExecution foreign =
        new TestExecution(other, run(TestWorkflow.of(own, ACTIONS), "never").id());
    as(other.key("admin")).get(foreign.path("/export")).then().statusCode(404);
    as(other.key("admin")).post(foreign.path("/purge")).then().statusCode(404);
  }

  @Test
  void a_purged_execution_is_gone_with_all_that_belongs_to_it() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, ACTIONS);
    String id =
        workflow
            .operator()
            .header("Idempotency-Key", "k")
            .header("Prefer", "wait=60")
            .body("{\"triggerData\": {\"fail\": \"never\", \"wait\": 0}}")
            .post(workflow.path("/execute"))
            .path("id");
    TestExecution execution = new TestExecution(own, id);
    execution.awaitEnd();
    TestExecution other = run(workflow, "never");

    purge(execution, "operator").then().statusCode(403);
    purge(execution, "editor").then().statusCode(403);
    purge(execution, "admin").then().statusCode(204);

    as(own.key("operator")).get(execution.path("")).then().statusCode(404);
    purge(execution, "admin").then().statusCode(404);
    for (String table : new String[] {"step_run", "notification", "task"}) {
      assertThat(count("select count(*) from " + table + " where execution_id = ?", id))
          .as(table)
          .isZero();
    }
    assertThat(
            count(
                "select count(*) from audit_entry where verb = 'execution.purge' and subject = ?::text",
                id))
        .isEqualTo(1);
    assertThat(export(other).path("tasks")).hasSize(1);
    JsonNode list = Json.read(as(own.key("viewer")).get(workflow.path("/executions")).asString());
    assertThat(list.path("executions")).hasSize(1);
    assertThat(list.at("/statistics/total").intValue()).isEqualTo(2);
    // and its key may make another one
    workflow
        .operator()
        .header("Idempotency-Key", "k")
        .body("{\"triggerData\": {\"fail\": \"never\", \"wait\": 0}}")
        .post(workflow.path("/execute"))
        .then()
        .statusCode(202)
        .header("Idempotency-Replayed", Matchers.nullValue());
  }

  @Test
  void what_runs_is_not_purged() {
    TestExecution running =
        TestWorkflow.of(own, ACTIONS).start("{'fail': 'never', 'wait': 600000}");
    running.awaitStep("later", "RUNNING");

    purge(running, "admin").then().statusCode(409).body("code", equalTo("execution_not_finished"));

    assertThat(export(running).at("/steps/4/status").textValue()).isEqualTo("RUNNING");
    running.cancel();
    purge(running, "admin").then().statusCode(204);
  }

  private static long count(String sql, String id) throws SQLException {
    try (Connection connection = TestDatabase.ofService().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, UUID.fromString(id));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
