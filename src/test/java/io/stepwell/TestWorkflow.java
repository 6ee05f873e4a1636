package io.stepwell;

import com.fasterxml.jackson.databind.JsonNode;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.stepwell.kernel.Json;
import java.util.UUID;

/** A workflow of a test, made through the API. JSON is written with single quotes. */
public final class TestWorkflow {
  private final TestWorkspace workspace;
  private final String id;

  private TestWorkflow(TestWorkspace workspace, String id) {
    this.workspace = workspace;
    this.id = id;
  }

  /** A workflow of these actions: the inside of the array. */
  public static TestWorkflow of(TestWorkspace workspace, String actions) {
    return define(workspace, "'actions': [" + actions + "]");
  }

  /** A workflow of these members: the inside of the object, without a key. */
  public static TestWorkflow define(TestWorkspace workspace, String members) {
    String key = "t-" + UUID.randomUUID();
    String id =
        editor(workspace)
            .body(json("{'key': '" + key + "', " + members + "}"))
            .post(workspace.path("/workflows"))
            .then()
            .statusCode(201)
            .extract()
            .path("id");
    return new TestWorkflow(workspace, id);
  }

  private static RequestSpecification editor(TestWorkspace workspace) {
    return TestWorkspace.as(workspace.key("editor"));
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  public String id() {
    return id;
  }

  public String path(String below) {
    return workspace.path("/workflows/" + id + below);
  }

  /** Makes the next version; the inside of the object, without a key. */
  public void replace(String members) {
    editor(workspace).body(json("{" + members + "}")).put(path("")).then().statusCode(200);
  }

  public void archive() {
    editor(workspace).delete(path("")).then().statusCode(204);
  }

  /** A request of an operator, to be sent by {@code post(path("/execute"))}. */
  public RequestSpecification operator() {
    return TestWorkspace.as(workspace.key("operator"));
  }

  /** Sends this body and gives the answer, whatever it is. */
  public Response execute(String body) {
    return operator().body(json(body)).post(path("/execute"));
  }

  /** Starts an execution with this trigger data. */
  public TestExecution start(String triggerData) {
    return execution(execute("{'triggerData': " + triggerData + "}").then().statusCode(202));
  }

  public TestExecution start() {
    return start("{}");
  }

  /** Executes to the end and gives the finished execution. */
  public JsonNode run(String triggerData) {
    return Json.read(
        operator()
            .header("Prefer", "wait=60")
            .body(json("{'triggerData': " + triggerData + "}"))
            .post(path("/execute"))
            .then()
            .statusCode(200)
            .extract()
            .asString());
  }

  public JsonNode run() {
    return run("{}");
  }

  private TestExecution execution(ValidatableResponse answer) {
    return new TestExecution(workspace, answer.extract().path("id"));
  }
}
