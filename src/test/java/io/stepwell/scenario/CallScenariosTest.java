package io.stepwell.scenario;

import static io.stepwell.scenario.ScenarioClient.list;
import static io.stepwell.scenario.ScenarioClient.statuses;
import static io.stepwell.scenario.ScenarioClient.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.kernel.Json;
import io.stepwell.scenario.ScenarioStub.Call;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code http-check}, {@code optional-task} and {@code try-catch-retry-inline}. */
@QuarkusTest
class CallScenariosTest {
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

  private JsonNode check(String uri) {
    return client.save("http-check").run("http-check", "{'uri': '" + uri + "'}");
  }

  private List<String> log() {
    return list(client.get("/notifications?recipient=ops-log"), "notifications").stream()
        .map(notification -> notification.path("message").textValue())
        .toList();
  }

  @Test
  void a_site_that_is_well_is_noted_and_nobody_is_alerted() {
    JsonNode execution = check(stub.url("/site"));

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(execution))
        .containsExactly(
            entry("api", "COMPLETED"),
            entry("check_status", "COMPLETED"),
            entry("healthy", "COMPLETED"),
            entry("unhealthy", "SKIPPED"),
            entry("send_slack_alert", "SKIPPED"));
    assertThat(log()).containsExactly("Everything is fine!");
    assertThat(stub.calls("/slack/webhook")).isEmpty();
  }

  @Test
  void a_site_that_answers_500_is_noted_with_its_body_and_alerted() {
    stub.answers("/site", 500);

    JsonNode execution = check(stub.url("/site"));

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(execution)).containsEntry("healthy", "SKIPPED");
    assertThat(log())
        .containsExactly("Server unhealthy: it answered 500 {\"error\":\"told to answer 500\"}");
    assertThat(stub.calls("/slack/webhook"))
        .singleElement()
        .satisfies(call ->
            assertThat(call.body().path("message").textValue())
                .isEqualTo("The server " + stub.url("/site") + " is down!"));
    assertThat(stub.calls("/site")).hasSize(1);
  }

  @Test
  void a_site_that_nobody_serves_is_alerted_and_the_check_completes_with_a_failed_step()
      throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }

    JsonNode execution = check("http://localhost:" + closed + "/");

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.at("/progress/failedSteps").intValue()).isEqualTo(1);
    assertThat(step(execution, "api").at("/error/code").textValue()).isEqualTo("connect_failed");
    assertThat(log()).containsExactly("Server unhealthy: connect_failed");
    assertThat(stub.calls("/slack/webhook")).hasSize(1);
  }

  @Test
  void a_site_that_does_not_answer_in_time_is_alerted() {
    stub.hangs("/site");

    JsonNode execution = check(stub.url("/site"));

    assertThat(step(execution, "api").at("/error/code").textValue()).isEqualTo("timeout");
    assertThat(log()).containsExactly("Server unhealthy: timeout");
  }

  @Test
  void a_check_of_an_address_inside_is_refused_and_alerted() {
    JsonNode execution = check("http://169.254.169.254/latest/meta-data/");

    assertThat(step(execution, "api").at("/error/code").textValue()).isEqualTo("address_denied");
    assertThat(log()).containsExactly("Server unhealthy: address_denied");
  }

  @Test
  void an_optional_task_gives_its_result_to_the_next() {
    JsonNode execution =
        client.save("optional-task").run("optional-task", "{'param1': 'p1', 'param2': 2}");

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.at("/progress/failedSteps").intValue()).isZero();
    assertThat(stub.calls("/tasks/2").getFirst().body())
        .isEqualTo(
            Json.read(
                """
                {"tp1": "p1", "tp2": "tasks-optional.Done", "optional": "COMPLETED"}\
                """));
  }

  @Test
  void a_failed_optional_task_is_passed_over() {
    stub.answers("/tasks/optional", 500);

    JsonNode execution =
        client.save("optional-task").run("optional-task", "{'param1': 'p1', 'param2': 2}");

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.path("error").isNull()).isTrue();
    assertThat(execution.at("/progress/failedSteps").intValue()).isEqualTo(1);
    assertThat(statuses(execution))
        .containsExactly(entry("task_optional_t1", "FAILED"), entry("t2", "COMPLETED"));
    assertThat(step(execution, "task_optional_t1").path("attempts").intValue()).isEqualTo(1);
    assertThat(stub.calls("/tasks/2").getFirst().body())
        .isEqualTo(Json.read("{\"tp1\": \"p1\", \"tp2\": null, \"optional\": \"FAILED\"}"));
  }

  @Test
  void a_task_that_is_not_optional_ends_the_execution() {
    stub.answers("/tasks/2", 500);

    JsonNode execution = client.save("optional-task").run("optional-task", "{'param1': 'p1'}");

    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("t2");
  }

  private JsonNode pet() {
    return client.save("try-catch-retry-inline").run("try-catch-retry-inline", "{'petId': 7}");
  }

  @Test
  void a_store_that_is_unavailable_is_asked_again_after_growing_delays() {
    stub.answersNext("/v2/pet/7", 503, 503, 503);

    JsonNode execution = pet();

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "getPet").path("attempts").intValue()).isEqualTo(4);
    assertThat(step(execution, "getPet").at("/output/body/name").textValue()).isEqualTo("pet 7");
    List<Call> calls = stub.calls("/v2/pet/7");
    for (int i = 1; i < calls.size(); i++) {
      long millis = (calls.get(i).nanos() - calls.get(i - 1).nanos()) / 1_000_000;
      assertThat(millis).isGreaterThanOrEqualTo(40L << (i - 1));
    }
  }

  @Test
  void a_store_that_stays_unavailable_fails_after_five_retries() {
    stub.answers("/v2/pet/7", 503);

    JsonNode execution = pet();

    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/code").textValue()).isEqualTo("http_status");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(6);
    assertThat(stub.calls("/v2/pet/7")).hasSize(6);
    assertThat(statuses(execution)).containsEntry("succeeded", "PENDING");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 429, 500, 502, 504})
  void any_other_status_fails_at_once(int status) {
    stub.answers("/v2/pet/7", status);

    JsonNode execution = pet();

    assertThat(stub.calls("/v2/pet/7")).hasSize(1);
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("succeeded");
    assertThat(execution.at("/error/message").textValue())
        .contains("The pet store answered " + status);
  }
}
