package io.stepwell;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A workspace of its own for a test, made through the API, with a key for each role. */
public final class TestWorkspace {
  /** As {@code application.properties} has it for tests. */
  public static final String ADMIN_KEY = "test-admin-key-0123456789abcdef";

  private final String slug;
  private final UUID id;
  private final Map<String, String> keys = new ConcurrentHashMap<>();

  private TestWorkspace(String slug, UUID id) {
    this.slug = slug;
    this.id = id;
  }

  public static TestWorkspace create() {
    String slug = "w-" + UUID.randomUUID();
    String id =
        as(ADMIN_KEY)
            .body(Map.of("slug", slug, "name", "Workspace of a test"))
            .post("/api/workspaces")
            .then()
            .statusCode(201)
            .extract()
            .path("id");
    return new TestWorkspace(slug, UUID.fromString(id));
  }

  public String slug() {
    return slug;
  }

  public UUID id() {
    return id;
  }

  /** The path of something in this workspace, such as {@code /api-keys}. */
  public String path(String below) {
    return "/api/workspaces/" + slug + below;
  }

  /** A key of this role; always the same one. */
  public String key(String role) {
    return keys.computeIfAbsent(role, this::newKey);
  }

  public String newKey(String role) {
    return as(ADMIN_KEY)
        .body(Map.of("name", role + " of a test", "role", role))
        .post(path("/api-keys"))
        .then()
        .statusCode(201)
        .extract()
        .path("key");
  }

  /** A JSON request with this key. */
  public static RequestSpecification as(String key) {
    return given()
        .header("Authorization", "Bearer " + key)
        .contentType(ContentType.JSON)
        .accept(ContentType.JSON)
        .urlEncodingEnabled(false);
  }
}
