package io.stepwell.execution;

import static io.stepwell.TestExecution.step;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers stay below their bound, whatever was stored. */
@QuarkusTest
class AnswerBytesTest {
  private static final int MIB = 1024 * 1024;

  private static final String ACTIONS =
      """
      {'name': 'first', 'type': 'custom_action', 'config': {'fail': 'never'}},
      {'name': 'second', 'type': 'custom_action', 'config': {'fail': 'never'}},
      {'name': 'third', 'type': 'custom_action', 'config': {'fail': 'never'}},
      {'name': 'pause', 'type': 'wait', 'config': {'durationMs': 60000}},
      {'name': 'last', 'type': 'custom_action', 'config': {'fail': 'never'}}\
      """;

  private static final String SET_OUTPUT =
      """
      update step_run
      set output = json_build_object('text', repeat('x', ?))
      where execution_id = ? and path = ?
      """;

  private static final String LABELLED =
      """
      with labelled as (
        insert into execution
          (id, workspace_id, workflow_id, workflow_version, status, trigger_data, labels, user_id,
          created_at, started_at, finished_at, total_steps)
      select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ?, ?, 1,
        case when n in (1, 2500) then 'FAILED' else 'COMPLETED' end, '{}', '{"env": "prod"}',
        'user', now(), now(), now(), 0
      from generate_series(1, 2500) n
        returning workspace_id, id, workflow_id)
      insert into execution_label (workspace_id, label, execution_id, workflow_id)
      select workspace_id, 'env:prod', id, workflow_id from labelled
      """;

  private static final String LONG_ERROR =
      """
      update execution
      set error = json_build_object('code', 'custom', 'message', repeat('m', 5000000),
        'step', 'first', 'attempts', 2)
      where id = ?
      """;

  private static TestWorkspace own;

  private final DataSource database = TestDatabase.ofService();

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private void execute(String sql, Object... parameters) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }

  /** One that waits, whose outputs take 9 MiB each but for the third's few bytes. */
  private TestExecution large() throws SQLException {
    TestExecution execution = TestWorkflow.of(own, ACTIONS).start();
    execution.awaitStep("pause", "RUNNING");
    for (String path : List.of("0", "1")) {
      execute(SET_OUTPUT, 9 * MIB, UUID.fromString(execution.id()), path);
    }
    return execution;
  }

  private static JsonNode one(TestExecution execution, String path) {
    return Json.read(
        as(own.key("viewer"))
            .get(execution.path("/steps/" + path))
            .then()
            .statusCode(200)
            .extract()
            .asString());
  }

  private static void assertFirstOnly(JsonNode execution) {
    assertThat(step(execution, "first").at("/output/text").textValue()).hasSize(9 * MIB);
    assertThat(step(execution, "first").has("outputTruncated")).isFalse();
    for (String later : List.of("second", "third")) {
      assertThat(step(execution, later).get("output").isNull()).as(later).isTrue();
      assertThat(step(execution, later).path("outputTruncated").booleanValue()).as(later).isTrue();
      assertThat(step(execution, later).path("status").textValue()).isEqualTo("COMPLETED");
    }
    assertThat(step(execution, "pause").has("outputTruncated")).isFalse();
    assertThat(step(execution, "last").has("outputTruncated")).isFalse();
  }

  @Test
  void outputs_beyond_the_bound_are_left_out_of_every_answer_of_an_execution() throws SQLException {
    TestExecution execution = large();
    assertFirstOnly(execution.get());
    assertFirstOnly(Json.read(execution.cancel().then().statusCode(200).extract().asString()));
    JsonNode cancelled = execution.get();
    assertFirstOnly(cancelled);
    assertThat(step(cancelled, "pause").path("status").textValue()).isEqualTo("CANCELLED");
    assertFirstOnly(
        Json.read(execution.post("/retry").then().statusCode(202).extract().asString()));
    execution.cancel();
  }

  @Test
  void an_output_that_was_left_out_is_read_by_itself() throws SQLException {
    TestExecution execution = large();
    JsonNode shown = execution.get();

    JsonNode second = one(execution, "1");
    assertThat(second.at("/output/text").textValue()).hasSize(9 * MIB);
    assertThat(second.has("outputTruncated")).isFalse();
    assertThat(second.path("name").textValue()).isEqualTo("second");
    assertThat(one(execution, "0")).isEqualTo(step(shown, "first"));
    assertThat(one(execution, "3").path("status").textValue()).isEqualTo("RUNNING");
    assertThat(one(execution, "3")).isEqualTo(step(shown, "pause"));
    assertThat(one(execution, "4").path("status").textValue()).isEqualTo("PENDING");
    assertThat(one(execution, "4")).isEqualTo(step(shown, "last"));
    execution.cancel();
  }

  @Test
  void a_step_that_the_version_does_not_have_is_not_there() {
    TestExecution execution = TestWorkflow.of(own, ACTIONS).start();
    for (String path : List.of("5", "0.then.0", "first")) {
      as(own.key("viewer"))
          .get(execution.path("/steps/" + path))
          .then()
          .statusCode(404)
          .body("code", equalTo("step_not_found"));
    }
    as(own.key("viewer"))
        .get(own.path("/workflows/executions/" + UUID.randomUUID() + "/steps/0"))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
    TestWorkspace other = TestWorkspace.create();
    as(other.key("viewer"))
        .get(other.path("/workflows/executions/" + execution.id() + "/steps/0"))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
    execution.cancel();
  }

  @Test
  void a_list_cuts_the_message_of_a_large_error() throws SQLException {
    TestWorkflow workflow =
        TestWorkflow.of(
            own, "{'name': 'first', 'type': 'custom_action', 'config': {'fail': 'always'}}");
    String id = workflow.run().path("id").textValue();
    execute(LONG_ERROR, UUID.fromString(id));
    JsonNode error = list(workflow, "").at("/executions/0/error");
    assertThat(error.path("message").textValue()).hasSize(10_000);
    assertThat(error.path("code").textValue()).isEqualTo("custom");
    assertThat(error.path("step").textValue()).isEqualTo("first");
    assertThat(error.path("attempts").intValue()).isEqualTo(2);
    assertThat(new TestExecution(own, id).get().at("/error/message").textValue())
        .hasSize(5_000_000);
  }

  @Test
  void a_list_by_label_and_status_loses_nothing_on_its_short_pages() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    execute(LABELLED, own.id(), UUID.fromString(workflow.id()));
    List<String> found = new ArrayList<>();
    @Nullable String cursor = null;
    int pages = 0;
    do {
      JsonNode page =
          list(
              workflow,
              "?label=env:prod&status=FAILED&limit=5"
                  + (cursor == null ? "" : "&cursor=" + cursor));
      page.path("executions").forEach(shown -> found.add(shown.path("id").textValue()));
      cursor = page.at("/pagination/nextCursor").textValue();
      assertThat(++pages).isLessThan(5);
    } while (cursor != null);
    assertThat(found)
        .containsExactly(
            "01900000-0000-7000-8000-0000000009c4", "01900000-0000-7000-8000-000000000001");
    assertThat(pages).as("two thousand are looked at for one page").isEqualTo(2);
  }

  private static JsonNode list(TestWorkflow workflow, String query) {
    return Json.read(
        as(own.key("viewer"))
            .get(workflow.path("/executions" + query))
            .then()
            .statusCode(200)
            .extract()
            .asString());
  }
}
