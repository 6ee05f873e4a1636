package io.stepwell.scenario;

import static io.stepwell.scenario.ScenarioClient.list;
import static io.stepwell.scenario.ScenarioClient.statuses;
import static io.stepwell.scenario.ScenarioClient.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.scenario.ScenarioStub.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code incident-response-jira-slack} and {@code human-task-reminder}. */
@QuarkusTest
class PeopleScenariosTest {
  private static final String INCIDENT =
      "{'service': 'payment-api', 'severity': 'P1 - Critical', 'description': '500 errors'}";

  private final ScenarioStub stub = ScenarioStub.start();
  private ScenarioClient client;

  @BeforeEach
  void open() {
    client = new ScenarioClient(stub);
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  private JsonNode respond(String triggerData) {
    return client
        .save("incident-response-jira-slack")
        .run("incident-response-jira-slack", triggerData);
  }

  @Test
  void an_incident_has_a_ticket_that_the_alert_names() {
    JsonNode execution = respond(INCIDENT);

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    JsonNode tasks = client.get("/tasks?assignedTo=oncall");
    assertThat(list(tasks, "tasks"))
        .singleElement()
        .satisfies(task -> {
          assertThat(task.path("id"))
              .isEqualTo(step(execution, "create_ticket").at("/output/taskId"));
          assertThat(task.path("title").textValue())
              .isEqualTo("[P1 - Critical] Incident: payment-api");
          assertThat(task.path("priority").textValue()).isEqualTo("URGENT");
          assertThat(task.path("status").textValue()).isEqualTo("OPEN");
          assertThat(task.path("description").textValue())
              .startsWith("Service: payment-api\nSeverity: P1 - Critical\nReported at: 20")
              .endsWith("\n\n500 errors");
        });
    String ticket = tasks.at("/tasks/0/id").textValue();
    assertThat(stub.calls("/slack/webhook"))
        .singleElement()
        .satisfies(call -> {
          assertThat(call.body().path("message").textValue())
              .isEqualTo("payment-api is affected, see ticket " + ticket + ": 500 errors");
          assertThat(call.body().path("recipient").textValue()).isEqualTo("#oncall");
          assertThat(call.idempotencyKey())
              .isEqualTo(execution.path("id").textValue() + ":alert_slack");
        });
    assertThat(list(client.get("/notifications"), "notifications")).hasSize(1);
  }

  @Test
  void a_chat_that_is_down_for_a_moment_gets_one_alert_for_one_ticket() {
    stub.answersNext("/slack/webhook", 503, 429);

    JsonNode execution = respond(INCIDENT);

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "alert_slack").path("attempts").intValue()).isEqualTo(3);
    assertThat(stub.calls("/slack/webhook"))
        .extracting(Call::idempotencyKey)
        .containsOnly(execution.path("id").textValue() + ":alert_slack")
        .hasSize(3);
    assertThat(list(client.get("/tasks"), "tasks")).hasSize(1);
    assertThat(list(client.get("/notifications"), "notifications")).hasSize(1);
  }

  @Test
  void a_webhook_that_is_gone_fails_at_once_and_a_retry_makes_no_second_ticket() {
    stub.answers("/slack/webhook", 404);
    JsonNode failed = respond(INCIDENT);
    assertThat(failed.path("status").textValue()).isEqualTo("FAILED");
    assertThat(failed.at("/error/attempts").intValue()).isEqualTo(1);
    assertThat(list(client.get("/notifications"), "notifications")).isEmpty();
    stub.recovers("/slack/webhook");

    client.post("/workflows/executions/" + failed.path("id").textValue() + "/retry", 202);

    JsonNode execution = Executions.awaitEnd(client, failed);
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(list(client.get("/tasks"), "tasks")).hasSize(1);
    assertThat(step(execution, "create_ticket").path("output"))
        .isEqualTo(step(failed, "create_ticket").path("output"));
  }

  @Test
  void an_incident_of_an_unknown_severity_is_refused() {
    client.save("incident-response-jira-slack");

    client
        .request()
        .body(
            """
            {"triggerData": {"service": "a", "severity": "P9", "slackChannel": "oncall"}}\
            """)
        .post(client.path("/workflows/incident-response-jira-slack/execute"))
        .then()
        .statusCode(422)
        .body("code", is("trigger_data_invalid"))
        .body(
            "errors.pointer",
            containsInAnyOrder(
                "/triggerData/description", "/triggerData/severity", "/triggerData/slackChannel"));
  }

  private JsonNode startTask() {
    JsonNode started =
        client.save("human-task-reminder").start("human-task-reminder", "{'assignee': 'ann'}");
    Executions.awaitStep(client, started, "task", "RUNNING");
    return started;
  }

  private String openTask() {
    JsonNode tasks =
        await()
            .until(
                () -> client.get("/tasks?assignedTo=ann&status=OPEN"),
                found -> list(found, "tasks").size() == 1);
    return "/tasks/" + tasks.at("/tasks/0/id").textValue();
  }

  @Test
  void an_execution_waits_for_its_person_then_for_its_time_then_tells() {
    JsonNode started = startTask();
    String task = openTask();
    assertThat(client.execution(started).path("status").textValue()).isEqualTo("RUNNING");

    client.patch(task, "{'status': 'DONE', 'result': {'note': 'all done'}}");

    JsonNode execution = Executions.awaitEnd(client, started);
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "task").at("/output/status").textValue()).isEqualTo("DONE");
    assertThat(step(execution, "task").at("/output/result/note").textValue()).isEqualTo("all done");
    assertThat(step(execution, "pause").path("durationMs").longValue()).isGreaterThanOrEqualTo(300);
    String completedBy = step(execution, "task").at("/output/completedBy").textValue();
    assertThat(list(client.get("/notifications?recipient=ann"), "notifications"))
        .singleElement()
        .satisfies(notification ->
            assertThat(notification.path("message").textValue())
                .isEqualTo("Thank you, " + completedBy + ": all done"));
  }

  @Test
  void a_cancelled_task_ends_the_execution_and_tells_nobody() {
    JsonNode started = startTask();

    client.patch(openTask(), "{'status': 'CANCELLED'}");

    JsonNode execution = Executions.awaitEnd(client, started);
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("task");
    assertThat(list(client.get("/notifications"), "notifications")).isEmpty();
  }

  @Test
  void an_execution_that_is_cancelled_while_it_waits_goes_on_no_more() {
    JsonNode started = startTask();
    String task = openTask();

    JsonNode cancelled =
        client.post("/workflows/executions/" + started.path("id").textValue(), 200);

    assertThat(cancelled.path("status").textValue()).isEqualTo("CANCELLED");
    assertThat(statuses(cancelled)).containsValues("CANCELLED").doesNotContainValue("RUNNING");
    assertThat(client.get(task).path("status").textValue()).isNotEqualTo("DONE");
    assertThat(list(client.get("/notifications"), "notifications")).isEmpty();
  }
}
