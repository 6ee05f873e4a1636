package io.stepwell.execution;

import static io.stepwell.TestExecution.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(TooManyUnfinishedTest.ThreeAtOnce.class)
class TooManyUnfinishedTest {
  private static final String WAIT =
      "{'name': 'w', 'type': 'wait', 'config': {'durationMs': 600000}}";

  /** Three unfinished executions in a workspace. */
  public static final class ThreeAtOnce implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("stepwell.limits.unfinished", "3");
    }
  }

  @Test
  void with_as_many_unfinished_as_it_may_have_a_workspace_starts_none() {
    TestWorkflow workflow = TestWorkflow.of(TestWorkspace.create(), WAIT);
    TestExecution first = workflow.start();
    TestExecution second = workflow.start();
    Response third = keyed(workflow);
    third.then().statusCode(202);

    assertRefused(workflow.execute("{}"));
    assertRefused(first.post("/rerun"));
    second.awaitStep("w", "RUNNING");
    // a repeated request is answered, whatever the bound
    keyed(workflow).then().statusCode(202).header("Idempotency-Replayed", "true");
    TestWorkflow.of(TestWorkspace.create(), WAIT).start();

    second.cancel().then().statusCode(200);
    TestExecution fourth =
        new TestExecution(
            first.workspace(),
            await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> workflow.execute("{}"), answer -> answer.statusCode() == 202)
                .path("id"));
    assertRefused(second.post("/retry"));
    assertThat(step(second.get(), "w").path("status").textValue()).isEqualTo("CANCELLED");
    first.cancel();
    fourth.cancel();
  }

  private static Response keyed(TestWorkflow workflow) {
    return workflow
        .operator()
        .header("Idempotency-Key", "third")
        .body("{}")
        .post(workflow.path("/execute"));
  }

  private static void assertRefused(Response answer) {
    answer
        .then()
        .statusCode(429)
        .contentType("application/problem+json")
        .header("Retry-After", matchesPattern("[1-9][0-9]*"))
        .body("code", equalTo("too_many_unfinished"));
  }
}
