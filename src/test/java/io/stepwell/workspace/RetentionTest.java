package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Ids;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class RetentionTest {
  private static final List<String> TABLES =
      List.of(
          "execution",
          "execution_queue",
          "step_run",
          "notification",
          "task",
          "execution_stat",
          "execution_stat_change",
          "workflow_version",
          "workflow",
          "secret",
          "api_key");

  private final Database database = new Database();

  @Inject @All List<Retention> retentions;

  /** Deletes what is old in a workspace, kind after kind. */
  private void letGo(TestWorkspace workspace, boolean deleted) throws SQLException {
    for (Retention retention : retentions) {
      Retention.Sweep sweep = retention.of(new Retention.Subject(workspace.id(), deleted, null));
      try (Connection connection = TestDatabase.ofService().getConnection()) {
        boolean more = true;
        while (more) {
          more = sweep.batch(connection);
        }
      }
    }
  }

  private long rows(String table, TestWorkspace workspace) {
    return Long.parseLong(
        database
            .query("select count(*) from " + table + " where workspace_id = ?", workspace.id())
            .getFirst());
  }

  @Test
  void everything_of_a_deleted_workspace_goes_its_row_last() throws SQLException {
    TestWorkspace workspace = TestWorkspace.create();
    TestWorkspace other = TestWorkspace.create();
    for (TestWorkspace w : List.of(workspace, other)) {
      TestWorkflow workflow =
          TestWorkflow.of(
              w,
              """
              {'type': 'send_notification',
               'config': {'channel': 'inbox', 'recipient': 'ann', 'message': 'hello'}},
              {'type': 'create_task', 'config': {'title': 'Look at it'}},
              {'name': 'w', 'type': 'wait', 'config': {'durationMs': '{{ trigger.wait }}'}}\
              """);
      workflow.run("{'wait': 0}");
      TestExecution waiting = workflow.start("{'wait': 600000}");
      waiting.awaitStep("w", "RUNNING");
      workflow.archive();
      as(w.key("admin")).body("{\"value\": \"a secret\"}").put(w.path("/secrets/s"));
    }
    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);
    letGo(other, false);

    // notes of the statistics go once they are added up, which others do once a second
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          letGo(workspace, true);
          for (String table : TABLES) {
            assertThat(rows(table, workspace)).as(table).isZero();
          }
        });

    for (String table : List.of("execution", "notification", "task", "workflow", "secret")) {
      assertThat(rows(table, other)).as(table).isPositive();
    }
    assertThat(rows("execution_queue", other)).isEqualTo(1);
    String row = "select 1 from workspace where id = ?";
    assertThat(database.query(row, workspace.id()))
        .as("it stays as long as the audit says who deleted it")
        .hasSize(1);
    old("audit_entry", workspace, Duration.ofDays(401));
    letGo(workspace, true);
    assertThat(rows("audit_entry", workspace)).isZero();
    assertThat(database.query(row, workspace.id())).isEmpty();
    assertThat(database.query(row, other.id())).hasSize(1);
  }

  /** Gives the rows ids of long ago. */
  private void old(String table, TestWorkspace workspace, Duration age) {
    UUID first = Ids.firstAt(Instant.now().minus(age));
    for (String id :
        database.query("select id from " + table + " where workspace_id = ?", workspace.id())) {
      UUID young = UUID.fromString(id);
      database.update(
          "update " + table + " set id = ? where workspace_id = ? and id = ?",
          new UUID(first.getMostSignificantBits() | 0x7000L, young.getLeastSignificantBits()),
          workspace.id(),
          young);
    }
  }

  @Test
  void entries_of_the_audit_and_revoked_keys_go_when_they_are_old() throws SQLException {
    TestWorkspace workspace = TestWorkspace.create();
    workspace.key("viewer");
    workspace.key("editor");
    String age =
        "update api_key set revoked_at = now() - ?::interval where workspace_id = ? and role = ?";
    database.update(age.replace("?::interval", "interval '31 days'"), workspace.id(), "viewer");
    database.update(age.replace("?::interval", "interval '29 days'"), workspace.id(), "editor");
    long entries = rows("audit_entry", workspace);
    assertThat(entries).isPositive();

    old("audit_entry", workspace, Duration.ofDays(399));
    letGo(workspace, false);
    assertThat(rows("audit_entry", workspace)).isEqualTo(entries);
    assertThat(database.query("select role from api_key where workspace_id = ?", workspace.id()))
        .containsExactly("editor");

    old("audit_entry", workspace, Duration.ofDays(401));
    letGo(workspace, false);
    assertThat(rows("audit_entry", workspace)).isZero();
  }

  @Test
  void a_workflow_goes_when_it_was_archived_long_ago_and_nothing_refers_to_it()
      throws SQLException {
    TestWorkspace workspace = TestWorkspace.create();
    TestWorkflow unused = TestWorkflow.of(workspace, "");
    TestWorkflow young = TestWorkflow.of(workspace, "");
    TestWorkflow used = TestWorkflow.of(workspace, "");
    TestWorkflow live = TestWorkflow.of(workspace, "");
    for (TestWorkflow workflow : List.of(unused, used, live)) {
      workflow.replace("'name': 'second', 'actions': []");
    }
    used.run();
    for (TestWorkflow workflow : List.of(unused, young, used)) {
      workflow.archive();
    }
    database.update(
        "update workflow set archived_at = now() - interval '91 days'"
            + " where workspace_id = ? and archived_at is not null and id <> ?",
        workspace.id(),
        UUID.fromString(young.id()));

    letGo(workspace, false);

    assertThat(versions(workspace, unused)).isEmpty();
    assertThat(versions(workspace, young)).containsExactly("1");
    assertThat(versions(workspace, used)).as("an execution has it").containsExactly("1", "2");
    assertThat(versions(workspace, live)).containsExactly("1", "2");
    assertThat(rows("workflow", workspace)).isEqualTo(3);

    database.update("delete from step_run where workspace_id = ?", workspace.id());
    database.update("delete from execution where workspace_id = ?", workspace.id());
    letGo(workspace, false);
    assertThat(versions(workspace, used)).as("it has statistics").containsExactly("2");
    assertThat(rows("workflow", workspace)).isEqualTo(3);
  }

  private List<String> versions(TestWorkspace workspace, TestWorkflow workflow) {
    return database.query(
        "select version from workflow_version where workspace_id = ? and workflow_id = ?"
            + " order by version",
        workspace.id(),
        UUID.fromString(workflow.id()));
  }

  @Test
  void a_workspace_may_keep_less_than_the_operator_and_more_only_by_the_operator() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY).get(workspace.path("")).then().body("retentionDays", nullValue());

    patch(workspace, workspace.key("admin"), "30")
        .statusCode(200)
        .body("retentionDays", equalTo(30));
    patch(workspace, workspace.key("admin"), "90")
        .statusCode(200)
        .body("retentionDays", equalTo(90));
    for (String bad : List.of("91", "0", "-1", "\"30\"", "1.5")) {
      patch(workspace, workspace.key("admin"), bad)
          .statusCode(400)
          .body("code", equalTo("invalid_request"));
    }
    patch(workspace, workspace.key("editor"), "30").statusCode(403);
    patch(workspace, ADMIN_KEY, "36500").statusCode(200).body("retentionDays", equalTo(36500));
    patch(workspace, ADMIN_KEY, "36501").statusCode(400);
    as(ADMIN_KEY)
        .body("{\"name\": \"another\"}")
        .patch(workspace.path(""))
        .then()
        .statusCode(200)
        .body("retentionDays", equalTo(36500));
    patch(workspace, workspace.key("admin"), "null")
        .statusCode(200)
        .body("retentionDays", nullValue())
        .body("name", equalTo("another"));
  }

  private static ValidatableResponse patch(TestWorkspace workspace, String key, String days) {
    return as(key).body("{\"retentionDays\": " + days + "}").patch(workspace.path("")).then();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1d", "soon", ""})
  void a_time_that_is_none_is_refused_at_the_start(String text) {
    assertThatThrownBy(() -> new RetentionTimes(text, "400d", "30d", InstantSource.system()))
        .isInstanceOf(RuntimeException.class);
  }
}
