package io.stepwell.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.quarkus.arc.Arc;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import io.stepwell.TestWorkspace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(SamplesProfile.class)
class SampleWorkspaceTest {
  private static final String DEMO = "/api/workspaces/demo";

  private static RequestSpecification request() {
    return TestWorkspace.as(SamplesProfile.KEY);
  }

  private static void startAgain() {
    Arc.container().instance(SampleWorkspace.class).get().fill();
  }

  private static JsonPath run(String key, String triggerData) {
    return request()
        .header("Prefer", "wait=30")
        .body("{\"triggerData\": " + triggerData.replace('\'', '"') + "}")
        .post(DEMO + "/workflows/" + key + "/execute")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  @Test
  void there_are_four_sample_workflows() {
    List<String> keys = request().get(DEMO + "/workflows").jsonPath().getList("workflows.key");

    assertThat(keys).containsAll(SampleWorkspace.WORKFLOWS).hasSize(4);
  }

  @Test
  void another_start_changes_nothing() {
    startAgain();

    for (String key : SampleWorkspace.WORKFLOWS) {
      request().get(DEMO + "/workflows/" + key + "/versions").then().body("versions.size()", is(1));
    }
  }

  @Test
  void what_a_user_changed_or_archived_stays_so() {
    String workflow = DEMO + "/workflows/site-check";
    String before = request().get(workflow).asString();
    request().body("{\"name\": \"Mine\", \"actions\": []}").put(workflow).then().statusCode(200);

    startAgain();

    request().get(workflow).then().body("name", is("Mine")).body("version", is(2));
    request().delete(workflow).then().statusCode(204);

    startAgain();

    request().body("{}").post(workflow + "/execute").then().statusCode(404);
    assertThat(before).contains("/sample/site/");
    // as it was, for the other tests
    JsonPath original = new JsonPath(before);
    request()
        .body(
            Map.of(
                "key", "site-check",
                "name", original.getString("name"),
                "triggerSchema", original.getMap("triggerSchema"),
                "actions", original.getList("actions")))
        .post(DEMO + "/workflows")
        .then()
        .statusCode(201);
  }

  @Test
  void an_incident_has_a_ticket_and_an_alert() {
    JsonPath execution = run("incident-response", "{'service': 'payments', 'severity': 'P2'}");

    assertThat(execution.getString("status")).isEqualTo("COMPLETED");
    request()
        .get(DEMO + "/tasks?assignedTo=oncall")
        .then()
        .body("tasks[0].title", is("[P2] Incident: payments"))
        .body("tasks[0].priority", is("HIGH"));
  }

  @Test
  void a_site_that_is_not_well_is_alerted() {
    JsonPath execution = run("site-check", "{'status': 503}");

    assertThat(execution.getString("status")).isEqualTo("COMPLETED");
    assertThat(execution.getString("steps.find { it.name == 'note' }.status")).isEqualTo("SKIPPED");
    assertThat(execution.getString("steps.find { it.name == 'alert_slack' }.output.channel"))
        .isEqualTo("webhook");
  }

  @Test
  void a_small_expense_needs_nobody() {
    JsonPath execution = run("expense-approval", "{'employee': 'bob', 'amount': 12}");

    assertThat(execution.getString("status")).isEqualTo("COMPLETED");
    assertThat(execution.getString("steps.find { it.name == 'approval' }.status"))
        .isEqualTo("SKIPPED");
    assertThat(execution.getString("steps.find { it.name == 'tell_approved' }.status"))
        .isEqualTo("COMPLETED");
  }

  @Test
  void a_large_expense_waits_for_its_approval() {
    String id =
        request()
            .body("{\"triggerData\": {\"employee\": \"ann\", \"amount\": 500}}")
            .post(DEMO + "/workflows/expense-approval/execute")
            .jsonPath()
            .getString("id");
    String tasks = DEMO + "/tasks?assignedTo=manager&status=OPEN";
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> request().get(tasks).jsonPath().getList("tasks").size() == 1);
    String task = request().get(tasks).jsonPath().getString("tasks[0].id");

    request()
        .body("{\"status\": \"DONE\", \"result\": {\"approved\": false}}")
        .patch(DEMO + "/tasks/" + task)
        .then()
        .statusCode(200);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            request()
                .get(DEMO + "/workflows/executions/" + id)
                .jsonPath()
                .getString("status")
                .equals("COMPLETED"));
    request()
        .get(DEMO + "/notifications?recipient=ann")
        .then()
        .body("notifications[0].message", is("Your expense is not approved."));
  }
}
