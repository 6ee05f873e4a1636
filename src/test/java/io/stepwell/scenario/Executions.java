package io.stepwell.scenario;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Set;

/** Waits for executions to come to where a test wants them. */
final class Executions {
  private static final Set<String> TERMINAL = Set.of("COMPLETED", "FAILED", "CANCELLED");

  private Executions() {}

  static JsonNode awaitEnd(ScenarioClient client, JsonNode execution) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> client.execution(execution),
            seen -> TERMINAL.contains(seen.path("status").textValue()));
  }

  static JsonNode awaitStep(ScenarioClient client, JsonNode execution, String step, String status) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> client.execution(execution),
            seen -> status.equals(ScenarioClient.step(seen, step).path("status").textValue()));
  }
}
