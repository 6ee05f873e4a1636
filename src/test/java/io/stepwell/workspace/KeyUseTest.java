package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who calls with a key, and what is noted of it. */
@QuarkusTest
class KeyUseTest {
  @Inject KeyUse use;
  private TestWorkspace workspace;

  @BeforeEach
  void createWorkspace() {
    workspace = TestWorkspace.create();
  }

  @Test
  void a_key_acts_in_the_name_of_its_user() {
    Response created = create(Map.of("name", "CI", "role", "operator", "userId", "user_1"));
    as(created.path("key"))
        .get(workspace.path("/probe"))
        .then()
        .statusCode(200)
        .body("userId", equalTo("user_1"))
        .body("role", equalTo("operator"));
  }

  @Test
  void a_key_without_a_user_acts_in_its_own_name() {
    Response created = create(Map.of("name", "CI", "role", "viewer"));
    created.then().body("userId", nullValue()).body("expiresAt", nullValue());
    as(created.path("key"))
        .get(workspace.path("/probe"))
        .then()
        .body("userId", equalTo("apikey:" + created.path("prefix")));
  }

  @Test
  void the_last_use_is_written_beside_the_requests() {
    Response created = create(Map.of("name", "x", "role", "viewer"));
    String key = created.path("key");
    String path = workspace.path("/api-keys/" + created.path("id"));
    Instant before = Instant.now().minusMillis(1);
    as(key).get(workspace.path("/probe")).then().statusCode(200);
    as(ADMIN_KEY).get(path).then().body("lastUsedAt", nullValue());

    use.write();

    String written = as(ADMIN_KEY).get(path).path("lastUsedAt");
    assertThat(Instant.parse(written)).isBetween(before, Instant.now());
  }

  private Response create(Map<String, Object> body) {
    Response created = as(ADMIN_KEY).body(body).post(workspace.path("/api-keys"));
    created.then().statusCode(201);
    return created;
  }
}
