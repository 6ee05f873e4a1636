package io.stepwell.http;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class ProblemTest {

  @ParameterizedTest
  @CsvSource({
    "MALFORMED, 400",
    "UNAUTHENTICATED, 401",
    "FORBIDDEN, 403",
    "NOT_FOUND, 404",
    "CONFLICT, 409",
    "PRECONDITION_FAILED, 412",
    "TOO_LARGE, 413",
    "UNSUPPORTED_MEDIA_TYPE, 415",
    "INVALID, 422",
    "LIMITED, 429",
    "UNAVAILABLE, 503",
  })
  void each_kind_of_failure_has_its_status(String kind, int status) {
    String path = "/api/probe/fail/" + kind;
    problem(as(ADMIN_KEY).get(path + "?query=1").then(), status, "some_code")
        .body("type", equalTo("urn:stepwell:problem:some_code"))
        .body("detail", equalTo("Some detail."))
        .body("instance", equalTo(path))
        .body("$", not(hasKey("errors")))
        .header("WWW-Authenticate", status == 401 ? equalTo("Bearer") : nullValue())
        .header(
            "Retry-After", status == 429 || status == 503 ? Matchers.notNullValue() : nullValue());
  }

  @Test
  void the_time_to_retry_after_is_rounded_up_to_seconds() {
    problem(as(ADMIN_KEY).get("/api/probe/fail/limited").then(), 429, "slow_down")
        .header("Retry-After", "3");
  }

  @ParameterizedTest
  @CsvSource({
    "bug, 500, internal_error",
    "error, 500, internal_error",
    "server, 500, internal_error",
    "constraint, 500, internal_error",
    "teapot, 400, bad_request",
    "database, 503, unavailable",
    "pool, 503, unavailable",
  })
  void what_is_unexpected_tells_nothing_of_itself(String how, int status, String code) {
    problem(as(ADMIN_KEY).get("/api/probe/fail/" + how).then(), status, code)
        .body("detail", not(Matchers.containsString("secret")))
        .header("Retry-After", status == 503 ? equalTo("2") : nullValue());
  }

  static ValidatableResponse problem(ValidatableResponse answer, int status, String code) {
    return answer
        .statusCode(status)
        .contentType("application/problem+json")
        .body("status", equalTo(status))
        .body("code", equalTo(code))
        .body("title", not(Matchers.blankOrNullString()))
        .body("detail", not(Matchers.blankOrNullString()))
        .header("X-Request-Id", not(Matchers.blankOrNullString()))
        .header("X-Content-Type-Options", "nosniff");
  }
}
