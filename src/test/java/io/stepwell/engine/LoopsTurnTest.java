package io.stepwell.engine;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.StrictSettings;
import io.stepwell.kernel.Loop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(StrictSettings.class)
class LoopsTurnTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void a_process_is_not_alive_while_a_loop_that_everything_depends_on_is_stuck()
      throws InterruptedException {
    CountDownLatch stuck = new CountDownLatch(1);
    Loop loop =
        Loop.essential(
            "stuck-in-a-test",
            () -> {
              stuck.await();
              return false;
            });
    given().get("/q/health/live").then().statusCode(200);
    loop.start();
    try {
      await().atMost(PATIENCE).until(() -> given().get("/q/health/live").statusCode() == 503);
      given()
          .get("/q/health/live")
          .then()
          .body("checks.find { it.name == 'loops' }.status", is("DOWN"))
          .body("checks.find { it.name == 'loops' }.data", hasKey("stuck-in-a-test"));
    } finally {
      loop.stop(stuck::countDown, PATIENCE);
    }
    given().get("/q/health/live").then().statusCode(200);
  }
}
