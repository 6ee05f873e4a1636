package io.stepwell.sample;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.Arc;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkspace;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SamplesAbsentTest {
  @Test
  void a_build_that_is_not_for_development_has_no_samples() {
    assertThat(Arc.container().instance(SampleWorkspace.class).isAvailable()).isFalse();
    assertThat(Arc.container().instance(SampleServices.class).isAvailable()).isFalse();
    given().get("/sample/site/200").then().statusCode(404);
    TestWorkspace.as(TestWorkspace.ADMIN_KEY)
        .get("/api/workspaces/" + SampleWorkspace.SLUG)
        .then()
        .statusCode(404);
  }
}
