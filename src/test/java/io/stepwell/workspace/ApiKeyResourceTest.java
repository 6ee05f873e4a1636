package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class ApiKeyResourceTest {
  private final Database database = new Database();
  private TestWorkspace workspace;

  @BeforeEach
  void createWorkspace() {
    workspace = TestWorkspace.create();
  }

  @Test
  void a_created_key_is_shown_once_and_works() {
    Response created =
        as(workspace.key("admin"))
            .body(
                Map.of(
                    "name", "CI",
                    "role", "operator",
                    "userId", "user_1",
                    "expiresAt", "2999-01-01T01:00:00.5+01:00"))
            .post(workspace.path("/api-keys"));
    String id = created.path("id");
    String prefix = created.path("prefix");
    created
        .then()
        .statusCode(201)
        .header("Location", workspace.path("/api-keys/" + id))
        .body("$", aMapWithSize(8))
        .body("name", equalTo("CI"))
        .body("role", equalTo("operator"))
        .body("userId", equalTo("user_1"))
        .body("expiresAt", equalTo("2999-01-01T00:00:00.500Z"))
        .body("key", matchesPattern("sw_" + prefix + "_[A-Za-z0-9_-]{43}"));
    as(created.path("key")).get(workspace.path("/workflows")).then().statusCode(200);
    as(workspace.key("admin"))
        .get(created.header("Location"))
        .then()
        .statusCode(200)
        .body("$", aMapWithSize(8))
        .body("$", not(hasKey("key")))
        .body("id", equalTo(id))
        .body("prefix", equalTo(prefix))
        .body("lastUsedAt", nullValue());
  }

  @Test
  void only_a_hash_is_stored() {
    String key = workspace.newKey("viewer");
    String secret = key.substring(12);
    assertThat(
            database.query("select k::text from api_key k where workspace_id = ?", workspace.id()))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row).doesNotContain(secret));
    assertThat(
            database.query(
                "select encode(hash, 'hex') from api_key where hash = sha256(convert_to(?, 'UTF8'))",
                key))
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"viewer", "operator", "editor"})
  void keys_are_the_affair_of_administrators(String role) {
    String key = workspace.key(role);
    String path = workspace.path("/api-keys");
    as(key).body(Map.of("name", "x", "role", "viewer")).post(path).then().statusCode(403);
    as(key).get(path).then().statusCode(403);
    as(key).get(path + "/" + UUID.randomUUID()).then().statusCode(403);
    as(key).delete(path + "/" + UUID.randomUUID()).then().statusCode(403);
  }

  @Test
  void the_keys_are_listed_newest_first_page_by_page() {
    for (int i = 0; i < 3; i++) {
      as(ADMIN_KEY)
          .body(Map.of("name", "key " + i, "role", "viewer"))
          .post(workspace.path("/api-keys"))
          .then()
          .statusCode(201);
    }
    Response first = as(ADMIN_KEY).get(workspace.path("/api-keys?limit=2"));
    first
        .then()
        .statusCode(200)
        .body("apiKeys.name", equalTo(List.of("key 2", "key 1")))
        .body("apiKeys[0]", aMapWithSize(8))
        .body("apiKeys[0]", hasKey("lastUsedAt"))
        .body("pagination.limit", equalTo(2));
    String cursor = first.path("pagination.nextCursor");
    as(ADMIN_KEY)
        .get(workspace.path("/api-keys?limit=2&cursor=" + cursor))
        .then()
        .body("apiKeys.name", equalTo(List.of("key 0")))
        .body("pagination.nextCursor", nullValue());
    as(ADMIN_KEY)
        .get("/api/workspaces?cursor=" + cursor)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_cursor"));
  }

  @Test
  void a_revoked_key_stops_at_once() {
    Response created = create(Map.of("name", "x", "role", "viewer"));
    String key = created.path("key");
    String path = workspace.path("/api-keys/" + created.path("id"));
    as(key).get(workspace.path("/workflows")).then().statusCode(200);

    as(ADMIN_KEY).delete(path).then().statusCode(204);

    as(key).get(workspace.path("/workflows")).then().statusCode(401);
    as(ADMIN_KEY).get(path).then().statusCode(404).body("code", equalTo("api_key_not_found"));
    as(ADMIN_KEY).delete(path).then().statusCode(404);
    as(ADMIN_KEY).get(workspace.path("/api-keys")).then().body("apiKeys", hasSize(0));
  }

  @Test
  void a_key_revoked_on_another_replica_stops_within_five_seconds() {
    Response created = create(Map.of("name", "x", "role", "viewer"));
    String key = created.path("key");
    as(key).get(workspace.path("/workflows")).then().statusCode(200);
    database.update(
        "update api_key set revoked_at = now() where id = ?", UUID.fromString(created.path("id")));
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> as(key).get(workspace.path("/workflows")).statusCode() == 401);
  }

  @Test
  void a_key_expires_at_its_time() {
    Instant end = Instant.now().plusMillis(1500);
    String key =
        create(Map.of("name", "x", "role", "viewer", "expiresAt", end.toString())).path("key");
    assertThat(as(key).get(workspace.path("/workflows")).statusCode()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> as(key).get(workspace.path("/workflows")).statusCode() == 401);
    assertThat(Instant.now()).isAfterOrEqualTo(end);
  }

  @Test
  void a_key_of_another_workspace_is_not_found() {
    TestWorkspace other = TestWorkspace.create();
    String id = create(Map.of("name", "x", "role", "viewer")).path("id");
    for (String path : List.of(other.path("/api-keys/" + id), other.path("/api-keys/nonsense"))) {
      as(other.key("admin")).get(path).then().statusCode(404);
      as(other.key("admin")).delete(path).then().statusCode(404);
    }
    as(ADMIN_KEY).get(workspace.path("/api-keys/" + id)).then().statusCode(200);
  }

  @Test
  void who_did_what_is_written_down() {
    String admin = workspace.key("admin");
    Response created =
        as(admin).body(Map.of("name", "x", "role", "viewer")).post(workspace.path("/api-keys"));
    String id = created.path("id");
    as(admin).delete(workspace.path("/api-keys/" + id)).then().statusCode(204);
    assertThat(
            database.query(
                "select verb || ' ' || (actor like 'apikey:%') from audit_entry"
                    + " where subject = ? order by id",
                id))
        .containsExactly("api_key.create true", "api_key.delete true");
  }

  private Response create(Map<String, Object> body) {
    Response created = as(ADMIN_KEY).body(body).post(workspace.path("/api-keys"));
    created.then().statusCode(201);
    return created;
  }
}
