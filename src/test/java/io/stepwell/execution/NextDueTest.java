package io.stepwell.execution;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class NextDueTest {
  private static final String PATH = "/api/instance/next-due";

  @ParameterizedTest
  @ValueSource(strings = {"viewer", "operator", "editor", "admin"})
  void no_role_of_a_workspace_may_ask(String role) {
    as(TestWorkspace.create().key(role))
        .get(PATH)
        .then()
        .statusCode(403)
        .body("code", equalTo("role_missing"));
  }

  @Test
  void nobody_may_ask_without_a_key() {
    RestAssured.given().get(PATH).then().statusCode(401);
  }

  @Test
  void a_waiting_execution_is_due_by_the_end_of_its_wait() {
    TestWorkspace workspace = TestWorkspace.create();
    Duration wait = Duration.ofHours(1);
    as(workspace.key("admin"))
        .body(
            Map.of(
                "key",
                "pause",
                "name",
                "Pause",
                "actions",
                List.of(Map.of("type", "wait", "config", Map.of("durationMs", wait.toMillis())))))
        .post(workspace.path("/workflows"))
        .then()
        .statusCode(201);
    as(workspace.key("admin"))
        .post(workspace.path("/workflows/pause/execute"))
        .then()
        .statusCode(202);

    String next =
        as(ADMIN_KEY)
            .get(PATH)
            .then()
            .statusCode(200)
            .body("due", greaterThanOrEqualTo(0))
            .extract()
            .path("nextDueAt");

    // other tests' executions may be due before
    assertThat(Times.parse(next))
        .hasValueSatisfying(
            at -> assertThat(at).isBefore(Instant.now().plus(wait).plusSeconds(60)));
  }
}
