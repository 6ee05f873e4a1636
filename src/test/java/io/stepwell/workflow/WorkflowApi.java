package io.stepwell.workflow;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.stepwell.TestWorkspace;

/**
 * The workflows of a new workspace, as its editor sees them. JSON is written with single quotes.
 */
final class WorkflowApi {
  final TestWorkspace workspace = TestWorkspace.create();

  RequestSpecification as(String role) {
    return TestWorkspace.as(workspace.key(role));
  }

  RequestSpecification editor() {
    return as("editor");
  }

  String path(String below) {
    return workspace.path("/workflows" + below);
  }

  Response post(String body) {
    return editor().body(body.replace('\'', '"')).post(path(""));
  }

  Response validate(String body) {
    return editor().body(body.replace('\'', '"')).post(path("/validate"));
  }

  Response put(String id, String body) {
    return editor().body(body.replace('\'', '"')).put(path("/" + id));
  }

  Response put(String id, String ifMatch, String body) {
    return editor().header("If-Match", ifMatch).body(body.replace('\'', '"')).put(path("/" + id));
  }

  Response get(String below) {
    return editor().get(path(below));
  }

  Response delete(String id) {
    return editor().delete(path("/" + id));
  }

  /** Creates a workflow of no actions and gives its id. */
  String create(String key) {
    return post("{'key': '" + key + "', 'actions': []}")
        .then()
        .statusCode(201)
        .extract()
        .path("id");
  }
}
