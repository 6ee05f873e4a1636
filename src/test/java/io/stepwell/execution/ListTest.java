package io.stepwell.execution;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ListTest {
  private static TestWorkspace own;

  private TestWorkflow workflow;

  @BeforeEach
  void createWorkflow() {
    if (own == null) {
      own = TestWorkspace.create();
    }
    workflow =
        TestWorkflow.of(
            own,
            """
            {'name': 'work', 'type': 'custom_action', 'config': {'fail': '{{ trigger.fail }}'}},
            {'name': 'more', 'type': 'wait', 'config': {'durationMs': '{{ trigger.wait }}'}}\
            """);
  }

  private TestExecution completed() {
    return ended("{'fail': 'never', 'wait': 0}");
  }

  private TestExecution failed() {
    return ended("{'fail': 'always', 'wait': 0}");
  }

  private TestExecution ended(String triggerData) {
    return new TestExecution(own, workflow.run(triggerData).path("id").textValue());
  }

  private TestExecution running() {
    TestExecution execution = workflow.start("{'fail': 'never', 'wait': 60000}");
    execution.awaitStep("more", "RUNNING");
    return execution;
  }

  private static JsonNode read(String path) {
    return Json.read(as(own.key("viewer")).get(path).then().statusCode(200).extract().asString());
  }

  private JsonNode list(String query) {
    return read(workflow.path("/executions" + query));
  }

  private static List<String> ids(JsonNode list) {
    return StreamSupport.stream(list.path("executions").spliterator(), false)
        .map(execution -> execution.path("id").textValue())
        .toList();
  }

  private static List<String> idsOf(TestExecution... executions) {
    return Stream.of(executions).map(TestExecution::id).toList();
  }

  @Test
  void a_list_shows_executions_without_steps_and_trigger_data_newest_first() {
    TestExecution first = failed();
    TestExecution second = running();
    JsonNode list = list("");

    assertThat(list.properties().stream().map(member -> member.getKey()))
        .containsExactly("executions", "pagination", "statistics");
    assertThat(list.path("pagination"))
        .isEqualTo(Json.read("{\"limit\": 20, \"nextCursor\": null}"));
    assertThat(ids(list)).isEqualTo(idsOf(second, first));
    assertThat(list.at("/executions/0").properties().stream().map(member -> member.getKey()))
        .containsExactly(
            "id",
            "workflowId",
            "workflowKey",
            "workflowVersion",
            "status",
            "userId",
            "labels",
            "error",
            "progress",
            "timing");
    for (int i = 0; i < 2; i++) {
      JsonNode shown = list.path("executions").get(i);
      JsonNode whole = (i == 0 ? second : first).get();
      for (String member : List.of("status", "progress", "error", "userId", "workflowVersion")) {
        assertThat(shown.get(member)).as(member).isEqualTo(whole.get(member));
      }
    }
    second.cancel();
  }

  @Test
  void the_pages_of_a_list_lose_and_repeat_nothing_while_executions_arrive() {
    List<String> before = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      before.addFirst(completed().id());
    }
    List<String> seen = new ArrayList<>();
    @Nullable String cursor = null;
    List<Integer> sizes = new ArrayList<>();
    do {
      JsonNode page = list("?limit=3" + (cursor == null ? "" : "&cursor=" + cursor));
      sizes.add(ids(page).size());
      seen.addAll(ids(page));
      cursor = page.at("/pagination/nextCursor").textValue();
      assertThat(page.at("/pagination/limit").intValue()).isEqualTo(3);
      completed();
    } while (cursor != null);

    assertThat(seen).isEqualTo(before);
    assertThat(sizes).containsExactly(3, 3, 1);
  }

  @Test
  void a_page_that_is_just_full_is_the_last() {
    TestExecution first = completed();
    TestExecution second = completed();
    JsonNode page = list("?limit=2");
    assertThat(ids(page)).isEqualTo(idsOf(second, first));
    assertThat(page.at("/pagination/nextCursor").isNull()).isTrue();
  }

  @Test
  void a_list_is_filtered_by_status() {
    TestExecution completed = completed();
    TestExecution failed = failed();
    TestExecution running = running();
    TestExecution cancelled = running();
    cancelled.cancel();

    assertThat(ids(list("?status=COMPLETED"))).isEqualTo(idsOf(completed));
    assertThat(ids(list("?status=FAILED"))).isEqualTo(idsOf(failed));
    assertThat(ids(list("?status=RUNNING"))).isEqualTo(idsOf(running));
    assertThat(ids(list("?status=PENDING"))).isEmpty();
    assertThat(ids(list("?status=CANCELLED,FAILED"))).isEqualTo(idsOf(cancelled, failed));
    assertThat(ids(list("?status=COMPLETED&status=FAILED"))).contains(completed.id());
    assertThat(ids(list("?status=COMPLETED,FAILED,RUNNING,CANCELLED,PENDING"))).hasSize(4);
    JsonNode paged = list("?status=CANCELLED,FAILED&limit=1");
    assertThat(
            ids(
                list(
                    "?status=CANCELLED,FAILED&limit=1&cursor="
                        + paged.at("/pagination/nextCursor").textValue())))
        .isEqualTo(idsOf(failed));
    running.cancel();
  }

  @Test
  void a_list_is_filtered_by_time() {
    TestExecution first = completed();
    TestExecution second = completed();
    String boundary = second.get().at("/timing/createdAt").textValue();

    assertThat(ids(list("?from=" + boundary))).isEqualTo(idsOf(second));
    assertThat(ids(list("?to=" + boundary))).isEqualTo(idsOf(first));
    String next = Instant.parse(boundary).plusMillis(1).toString();
    assertThat(ids(list("?from=" + boundary + "&to=" + next))).isEqualTo(idsOf(second));
    assertThat(ids(list("?from=" + next))).isEmpty();
    String offset = boundary.replace("Z", "%2B00:00");
    assertThat(ids(list("?from=" + offset))).isEqualTo(idsOf(second));
  }

  @Test
  void a_list_is_filtered_by_user() {
    TestExecution execution = completed();
    String user = execution.get().path("userId").textValue();
    assertThat(ids(list("?userId=" + user))).isEqualTo(idsOf(execution));
    assertThat(ids(list("?userId=nobody"))).isEmpty();
  }

  @Test
  void a_list_is_filtered_by_label() {
    String data = "'triggerData': {'fail': 'never', 'wait': 0}";
    String red = workflow.execute("{" + data + ", 'labels': {'a': 'x:y', 'b': 'z'}}").path("id");
    workflow.execute("{" + data + ", 'labels': {'a': 'other'}}").then().statusCode(202);

    assertThat(ids(list("?label=a:x:y"))).containsExactly(red);
    assertThat(ids(list("?label=b:z"))).containsExactly(red);
    assertThat(ids(list("?label=b:"))).isEmpty();
    assertThat(ids(list("?label=a:x"))).isEmpty();
  }

  @Test
  void the_list_of_a_workspace_has_every_workflow_s() {
    TestWorkspace fresh = TestWorkspace.create();
    String first = TestWorkflow.of(fresh, "").run().path("id").textValue();
    String second = TestWorkflow.of(fresh, "").run().path("id").textValue();
    JsonNode list =
        Json.read(
            as(fresh.key("viewer")).get(fresh.path("/workflows/executions?limit=100")).asString());
    assertThat(ids(list)).containsExactly(second, first);
    assertThat(list.at("/statistics/total").intValue()).isEqualTo(2);
    assertThat(ids(read(own.path("/workflows/executions?limit=100"))))
        .doesNotContain(first, second);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limit=0                 | invalid_limit",
        "limit=101               | invalid_limit",
        "limit=abc               | invalid_limit",
        "limit=-1                | invalid_limit",
        "limit=1.5               | invalid_limit",
        "cursor=x                | invalid_cursor",
        "status=DONE             | invalid_status",
        "status=completed        | invalid_status",
        "status=COMPLETED,       | invalid_status",
        "from=yesterday          | invalid_time",
        "from=2026-11-22         | invalid_time",
        "to=2026-13-01T00:00:00Z | invalid_time",
        "label=x                 | invalid_label",
        "label=:x                | invalid_label",
      })
  void a_query_that_means_nothing_is_refused(String query, String code) {
    for (String path : List.of(workflow.path(""), own.path("/workflows"))) {
      as(own.key("viewer"))
          .get(path + "/executions?" + query)
          .then()
          .statusCode(400)
          .contentType("application/problem+json")
          .body("code", equalTo(code));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 10, 20, 31})
  void a_tampered_cursor_is_refused(int at) {
    completed();
    completed();
    String cursor = list("?limit=1").at("/pagination/nextCursor").textValue();
    char other = cursor.charAt(at) == 'A' ? 'B' : 'A';
    String tampered = cursor.substring(0, at) + other + cursor.substring(at + 1);
    as(own.key("viewer"))
        .get(workflow.path("/executions?cursor=" + tampered))
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
  }

  @Test
  void an_empty_list_has_statistics_of_nothing() {
    as(own.key("viewer"))
        .get(workflow.path("/executions"))
        .then()
        .statusCode(200)
        .body("executions.size()", equalTo(0))
        .body("statistics.total", equalTo(0))
        .body("statistics.byStatus.size()", equalTo(5))
        .body("statistics.successRate", nullValue())
        .body("statistics.averageDurationMs", nullValue())
        .body("statistics.p50DurationMs", nullValue())
        .body("statistics.p95DurationMs", nullValue());
  }

  @Test
  void the_executions_of_an_unknown_workflow_are_not_there() {
    as(own.key("viewer"))
        .get(own.path("/workflows/no-such/executions"))
        .then()
        .statusCode(404)
        .body("code", equalTo("workflow_not_found"));
  }
}
