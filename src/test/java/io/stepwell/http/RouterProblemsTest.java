package io.stepwell.http;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static io.stepwell.http.ProblemTest.problem;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class RouterProblemsTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /api/nothing, 404, not_found",
    "GET, /nothing, 404, not_found",
    "GET, /, 404, not_found",
    "GET, /q/nothing, 404, not_found",
    "PUT, /api/workspaces, 405, method_not_allowed",
    "BREW, /api/workspaces, 405, method_not_allowed",
  })
  void what_the_framework_refuses_is_a_problem_too(
      String method, String path, int status, String code) {
    problem(as(ADMIN_KEY).request(method, path).then(), status, code)
        .body("instance", equalTo(path));
  }

  @Test
  void an_accept_header_that_nothing_fits_is_406() {
    problem(
        given()
            .header("Authorization", "Bearer " + ADMIN_KEY)
            .accept("text/xml")
            .get("/api/workspaces")
            .then(),
        406,
        "not_acceptable");
  }
}
