package io.stepwell;

import com.fasterxml.jackson.databind.JsonNode;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;

/** An execution of a test, seen and steered through the API by an operator. */
public record TestExecution(TestWorkspace workspace, String id) {
  private static final Set<String> TERMINAL = Set.of("COMPLETED", "FAILED", "CANCELLED");

  public String path(String below) {
    return workspace.path("/workflows/executions/" + id + below);
  }

  private RequestSpecification operator() {
    return TestWorkspace.as(workspace.key("operator"));
  }

  public JsonNode get() {
    return Json.read(operator().get(path("")).then().statusCode(200).extract().asString());
  }

  public Response post(String below) {
    return operator().post(path(below));
  }

  public Response cancel() {
    return post("");
  }

  /** Awaits what the test wants to see. */
  public JsonNode await(Predicate<JsonNode> wanted) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(30))
        .until(this::get, wanted);
  }

  public JsonNode awaitEnd() {
    return await(execution -> TERMINAL.contains(execution.path("status").textValue()));
  }

  public JsonNode awaitStep(String name, String status) {
    return await(execution -> status.equals(step(execution, name).path("status").textValue()));
  }

  public static JsonNode step(JsonNode execution, String name) {
    return steps(execution).stream()
        .filter(step -> step.path("name").textValue().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no step " + name + " in " + execution));
  }

  public static JsonNode output(JsonNode execution, String name) {
    return step(execution, name).path("output");
  }

  /** Status by name, in order. */
  public static Map<String, String> statuses(JsonNode execution) {
    Map<String, String> statuses = new LinkedHashMap<>();
    steps(execution)
        .forEach(s -> statuses.put(s.path("name").textValue(), s.path("status").textValue()));
    return statuses;
  }

  public static List<JsonNode> steps(JsonNode execution) {
    return StreamSupport.stream(execution.path("steps").spliterator(), false).toList();
  }
}
