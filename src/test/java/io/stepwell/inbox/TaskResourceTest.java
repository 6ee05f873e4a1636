package io.stepwell.inbox;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkspace;
import io.stepwell.action.EffectStore;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class TaskResourceTest {
  private final DataSource database = TestDatabase.ofService();
  private final EffectStore store = new EffectRows();
  private StoredInbox inbox;

  @BeforeEach
  void create() throws SQLException {
    inbox = StoredInbox.create(database, store);
  }

  @Test
  void a_list_is_filtered_by_status_and_by_who_it_is_assigned_to() throws SQLException {
    UUID open = inbox.task("a", "ann");
    UUID started = inbox.task("b", null);
    UUID done = inbox.task("c", "ann");
    inbox.patch(started, "{\"status\": \"IN_PROGRESS\"}").statusCode(200);
    inbox.patch(done, "{\"status\": \"DONE\"}").statusCode(200);

    assertThat(inbox.ids("tasks", "")).isEqualTo(texts(done, started, open));
    assertThat(inbox.ids("tasks", "?status=OPEN")).isEqualTo(texts(open));
    assertThat(inbox.ids("tasks", "?status=OPEN,IN_PROGRESS")).isEqualTo(texts(started, open));
    assertThat(inbox.ids("tasks", "?assignedTo=ann")).isEqualTo(texts(done, open));
    assertThat(inbox.ids("tasks", "?assignedTo=ann&status=DONE,CANCELLED")).isEqualTo(texts(done));
    assertThat(inbox.ids("tasks", "?status=CANCELLED")).isEmpty();
  }

  @Test
  void pages_follow_each_other_without_a_gap() throws SQLException {
    UUID first = inbox.task("a", "ann");
    inbox.task("b", "bob");
    UUID second = inbox.task("c", "ann");
    UUID third = inbox.task("d", "ann");

    String cursor =
        inbox
            .get("/tasks?assignedTo=ann&status=OPEN&limit=2")
            .body("tasks.id", equalTo(texts(third, second)))
            .extract()
            .path("pagination.nextCursor");
    inbox
        .get("/tasks?assignedTo=ann&status=OPEN&limit=2&cursor=" + cursor)
        .body("tasks.id", equalTo(texts(first)))
        .body("pagination.nextCursor", nullValue());
  }

  @Test
  void a_page_of_large_tasks_ends_early_and_loses_none() throws SQLException {
    for (int i = 0; i < 40; i++) {
      inbox.task("t" + i, "ann");
    }
    inbox.change(
        "update task set result = json_build_object('text', repeat('x', 1000000))"
            + " where workspace_id = ?");
    List<List<String>> pages = inbox.pages("tasks", "?limit=100");
    assertThat(pages.stream().map(List::size)).containsExactly(16, 16, 8);
    assertThat(pages.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize(40);
  }

  @ParameterizedTest
  @CsvSource({
    "status=open, invalid_status",
    "'status=OPEN,', invalid_status",
    "'status=OPEN,GONE', invalid_status",
    "assignedTo=%00, invalid_assigned_to",
    "limit=101, invalid_limit",
    "cursor=x, invalid_cursor",
  })
  void a_filter_that_makes_no_sense_is_refused(String query, String code) {
    inbox.get("/tasks?" + query).statusCode(400).body("code", equalTo(code));
  }

  @Test
  void a_task_goes_back_and_forth_until_it_is_done() throws SQLException {
    UUID task = inbox.task("a", "ann");

    inbox.patch(task, "{\"status\": \"IN_PROGRESS\"}").body("status", equalTo("IN_PROGRESS"));
    inbox.patch(task, "{\"status\": \"OPEN\"}").body("status", equalTo("OPEN"));
    inbox
        .patch(task, "{\"result\": {\"draft\": 1.50}}")
        .statusCode(200)
        .body("status", equalTo("OPEN"))
        .body("result.draft", equalTo(1.5f))
        .body("completedAt", nullValue())
        .body("completedBy", nullValue());
    inbox
        .patch(task, "{\"status\": \"DONE\"}")
        .statusCode(200)
        .body("status", equalTo("DONE"))
        .body("assignedTo", equalTo("ann"))
        .body("result.draft", equalTo(1.5f))
        .body("completedBy", startsWith("apikey:"))
        .body("completedAt", notNullValue());
  }

  @Test
  void only_the_members_that_are_given_change() throws SQLException {
    UUID task = inbox.task("a", "ann");

    inbox
        .patch(task, "{\"assignedTo\": \"bob\", \"result\": [1, null]}")
        .statusCode(200)
        .body("assignedTo", equalTo("bob"))
        .body("result", equalTo(Arrays.asList(1, null)));
    inbox
        .patch(task, "{\"assignedTo\": null}")
        .statusCode(200)
        .body("assignedTo", nullValue())
        .body("result[0]", equalTo(1));
    inbox.patch(task, "{\"result\": null}").statusCode(200).body("result", nullValue());
    inbox.get("/tasks/" + task).body("title", equalTo("a")).body("status", equalTo("OPEN"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DONE", "CANCELLED"})
  void a_finished_task_stays_as_it_is(String status) throws SQLException {
    UUID task = inbox.task("a", "ann");
    String ending = "{\"status\": \"" + status + "\"}";
    String finished = inbox.patch(task, ending).statusCode(200).extract().asString();

    for (String change :
        List.of(
            "{\"status\": \"OPEN\"}",
            "{\"status\": \"IN_PROGRESS\"}",
            "{\"status\": \"" + (status.equals("DONE") ? "CANCELLED" : "DONE") + "\"}",
            "{\"status\": \"" + status + "\", \"result\": 1}",
            "{\"status\": \"" + status + "\", \"assignedTo\": null}",
            "{\"assignedTo\": \"bob\"}",
            "{\"result\": null}")) {
      inbox.patch(task, change).statusCode(409).body("code", equalTo("task_finished"));
    }

    assertThat(inbox.patch(task, ending).statusCode(200).extract().asString()).isEqualTo(finished);
    assertThat(inbox.get("/tasks/" + task).extract().asString()).isEqualTo(finished);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"status\": null}",
        "{\"status\": \"GONE\"}",
        "{\"status\": \"done\"}",
        "{\"assignedTo\": \"\"}",
        "{\"assignedTo\": 7}",
        "{\"status\": \"DONE\", \"completedBy\": \"eve\"}",
        "[]",
        "null",
      })
  void a_change_that_makes_no_sense_is_refused(String body) throws SQLException {
    UUID task = inbox.task("a", "ann");

    inbox.patch(task, body).statusCode(400).body("code", equalTo("invalid_request"));

    inbox
        .get("/tasks/" + task)
        .body("status", equalTo("OPEN"))
        .body("assignedTo", equalTo("ann"))
        .body("completedBy", nullValue());
  }

  @Test
  void everything_that_is_wrong_is_said_at_once() throws SQLException {
    inbox
        .patch(inbox.task("a", null), "{\"status\": 1, \"assignedTo\": \" \", \"title\": \"b\"}")
        .statusCode(400)
        .body("errors.pointer", hasItems("/status", "/assignedTo", "/title"));
  }

  @Test
  void a_task_of_another_workspace_is_not_there() throws SQLException {
    UUID task = inbox.task("a", "ann");
    TestWorkspace other = TestWorkspace.create();

    as(other.key("admin")).get(other.path("/tasks/" + task)).then().statusCode(404);
    as(other.key("admin"))
        .body("{\"status\": \"DONE\"}")
        .patch(other.path("/tasks/" + task))
        .then()
        .statusCode(404)
        .body("code", equalTo("task_not_found"));
    as(other.key("admin")).get(other.path("/tasks")).then().body("tasks", equalTo(List.of()));
    inbox.get("/tasks/" + task).body("status", equalTo("OPEN"));
    inbox.get("/tasks/nonsense").statusCode(404);
  }

  @Test
  void a_viewer_may_look_but_not_touch() throws SQLException {
    UUID task = inbox.task("a", "ann");

    as(inbox.workspace.key("viewer"))
        .body("{\"status\": \"DONE\"}")
        .patch(inbox.workspace.path("/tasks/" + task))
        .then()
        .statusCode(403);
    inbox.get("/tasks/" + task).body("status", equalTo("OPEN"));
  }

  private static List<String> texts(UUID... ids) {
    return Arrays.stream(ids).map(UUID::toString).toList();
  }
}
