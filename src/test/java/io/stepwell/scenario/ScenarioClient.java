package io.stepwell.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A client in a new workspace that saves scenarios and executes them. JSON has single quotes. */
final class ScenarioClient {
  private final TestWorkspace workspace = TestWorkspace.create();
  private final ScenarioStub stub;

  ScenarioClient(ScenarioStub stub) {
    this.stub = stub;
  }

  RequestSpecification request() {
    return TestWorkspace.as(workspace.key("editor"));
  }

  /** Saves a scenario as it stands in its file. */
  ScenarioClient save(String scenario) {
    request()
        .body(stub.inPlaceOfServices(resource(scenario)))
        .post(path("/workflows"))
        .then()
        .statusCode(201);
    return this;
  }

  private static String resource(String scenario) {
    String path = "/scenarios/" + scenario + ".json";
    try (InputStream in = ScenarioClient.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Executes the workflow and gives the finished execution. */
  JsonNode run(String scenario, String triggerData) {
    return run(scenario, (ObjectNode) Json.read(triggerData.replace('\'', '"')));
  }

  JsonNode run(String scenario, ObjectNode triggerData) {
    return json(execute(scenario, triggerData, 30), 200);
  }

  /** Executes the workflow and gives the answer of the moment. */
  JsonNode start(String scenario, String triggerData) {
    return json(execute(scenario, (ObjectNode) Json.read(triggerData.replace('\'', '"')), 0), 202);
  }

  private Response execute(String scenario, ObjectNode triggerData, int wait) {
    ObjectNode body = Json.object().set("triggerData", triggerData);
    RequestSpecification request = request().body(Json.write(body));
    if (wait > 0) {
      request.header("Prefer", "wait=" + wait);
    }
    return request.post(path("/workflows/" + scenario + "/execute"));
  }

  JsonNode execution(JsonNode execution) {
    return get("/workflows/executions/" + execution.path("id").textValue());
  }

  String path(String below) {
    return workspace.path(below);
  }

  JsonNode get(String below) {
    return json(request().get(path(below)), 200);
  }

  JsonNode post(String below, int status) {
    return json(request().post(path(below)), status);
  }

  JsonNode patch(String below, String body) {
    return json(request().body(body.replace('\'', '"')).patch(path(below)), 200);
  }

  private static JsonNode json(Response response, int status) {
    return Json.read(response.then().statusCode(status).extract().asString());
  }

  static JsonNode step(JsonNode execution, String name) {
    return steps(execution).stream()
        .filter(step -> step.path("name").textValue().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no step " + name + " in " + execution));
  }

  /** Status by name, in order. */
  static Map<String, String> statuses(JsonNode execution) {
    Map<String, String> statuses = new LinkedHashMap<>();
    steps(execution)
        .forEach(s -> statuses.put(s.path("name").textValue(), s.path("status").textValue()));
    return statuses;
  }

  private static List<JsonNode> steps(JsonNode execution) {
    return list(execution, "steps");
  }

  static List<JsonNode> list(JsonNode answer, String name) {
    return StreamSupport.stream(answer.path(name).spliterator(), false).toList();
  }
}
