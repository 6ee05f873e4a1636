package io.stepwell.execution;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.stepwell.StrictSettings;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(StrictSettings.class)
class RateLimitTest {
  @Test
  void over_the_limit_a_client_is_told_when_to_come_back() {
    TestWorkflow workflow = TestWorkflow.of(TestWorkspace.create(), "");
    workflow.execute("{}").then().statusCode(202);

    // at once, unless this machine takes a second for it
    Response refused =
        await()
            .atMost(Duration.ofSeconds(20))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> workflow.execute("{}"), answer -> answer.statusCode() == 429);

    assertTold(refused);
  }

  @Test
  void a_retry_and_a_rerun_count_as_an_execute() {
    TestWorkflow workflow = TestWorkflow.of(TestWorkspace.create(), "");
    TestExecution execution = workflow.start();
    for (String way : List.of("/retry", "/rerun")) {
      // at once, unless this machine takes a second for it
      Response refused =
          await()
              .atMost(Duration.ofSeconds(20))
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> execution.post(way), answer -> answer.statusCode() == 429);
      assertTold(refused);
    }
  }

  private static void assertTold(Response refused) {
    refused
        .then()
        .contentType("application/problem+json")
        .header("Retry-After", "1")
        .body("code", equalTo("rate_limited"));
  }
}
