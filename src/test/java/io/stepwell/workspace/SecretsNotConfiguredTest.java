package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.StrictSettings;
import io.stepwell.TestWorkspace;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(StrictSettings.class)
class SecretsNotConfiguredTest {
  @Test
  void without_the_operators_key_no_secret_is_taken() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY)
        .body(Map.of("value", "a secret"))
        .put(workspace.path("/secrets/A"))
        .then()
        .statusCode(409)
        .body("code", equalTo("secrets_not_configured"));
    as(ADMIN_KEY)
        .get(workspace.path("/secrets"))
        .then()
        .statusCode(200)
        .body("secrets", hasSize(0));
  }
}
