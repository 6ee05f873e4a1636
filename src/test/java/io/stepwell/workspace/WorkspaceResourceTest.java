package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class WorkspaceResourceTest {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

  private final Database database = new Database();

  @Test
  void a_created_workspace_is_where_its_location_says() {
    String slug = slug();
    Response created =
        as(ADMIN_KEY).body(Map.of("slug", slug, "name", "Acme")).post("/api/workspaces");
    created
        .then()
        .statusCode(201)
        .header("Location", "/api/workspaces/" + slug)
        .body("size()", equalTo(6))
        .body("id", matchesPattern("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"))
        .body("slug", equalTo(slug))
        .body("name", equalTo("Acme"))
        .body("createdAt", matchesPattern(TIME))
        .body("updatedAt", equalTo(created.path("createdAt")));
    assertThat(as(ADMIN_KEY).get(created.header("Location")).asString())
        .isEqualTo(created.asString());
  }

  @Test
  void only_the_instance_administrator_creates_and_deletes_workspaces() {
    TestWorkspace workspace = TestWorkspace.create();
    as(workspace.key("admin"))
        .body(Map.of("slug", slug(), "name", "Acme"))
        .post("/api/workspaces")
        .then()
        .statusCode(403)
        .body("code", equalTo("role_missing"));
    as(workspace.key("admin")).delete(workspace.path("")).then().statusCode(403);
  }

  @Test
  void a_taken_slug_is_a_conflict() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY)
        .body(Map.of("slug", workspace.slug(), "name", "Another"))
        .post("/api/workspaces")
        .then()
        .statusCode(409)
        .body("code", equalTo("slug_taken"));
  }

  @Test
  void of_two_creations_at_once_one_is_a_conflict() throws InterruptedException {
    String slug = slug();
    List<Integer> statuses = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            int status =
                as(ADMIN_KEY)
                    .body(Map.of("slug", slug, "name", "Acme"))
                    .post("/api/workspaces")
                    .statusCode();
            synchronized (statuses) {
              statuses.add(status);
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(statuses).hasSize(8).containsOnlyOnce(201).containsOnly(201, 409);
  }

  @ParameterizedTest
  @ValueSource(strings = {"viewer", "admin"})
  void a_key_sees_its_own_workspace_only(String role) {
    TestWorkspace workspace = TestWorkspace.create();
    TestWorkspace.create();
    as(workspace.key(role))
        .get("/api/workspaces")
        .then()
        .statusCode(200)
        .body("workspaces", hasSize(1))
        .body("workspaces[0].slug", equalTo(workspace.slug()))
        .body("pagination.limit", equalTo(20))
        .body("pagination.nextCursor", equalTo(null));
  }

  @Test
  void the_instance_administrator_pages_through_all_workspaces_newest_first() {
    List<String> created =
        List.of(
            TestWorkspace.create().slug(),
            TestWorkspace.create().slug(),
            TestWorkspace.create().slug());
    List<String> listed = new ArrayList<>();
    String cursor = null;
    do {
      Response page =
          as(ADMIN_KEY)
              .get("/api/workspaces?limit=2" + (cursor == null ? "" : "&cursor=" + cursor));
      page.then().statusCode(200).body("pagination.limit", equalTo(2));
      List<String> slugs = page.path("workspaces.slug");
      assertThat(slugs).hasSizeBetween(1, 2);
      listed.addAll(slugs);
      cursor = page.path("pagination.nextCursor");
    } while (cursor != null);
    assertThat(listed).doesNotHaveDuplicates().containsAll(created);
    assertThat(listed.subList(0, 3)).isEqualTo(created.reversed());
  }

  @Test
  void an_administrator_renames_and_nobody_below() {
    TestWorkspace workspace = TestWorkspace.create();
    as(workspace.key("editor"))
        .body(Map.of("name", "New"))
        .patch(workspace.path(""))
        .then()
        .statusCode(403);
    Response changed =
        as(workspace.key("admin")).body(Map.of("name", "New")).patch(workspace.path(""));
    changed.then().statusCode(200).body("name", equalTo("New"));
    assertThat(changed.<String>path("updatedAt")).isGreaterThanOrEqualTo(changed.path("createdAt"));
    assertThat(as(workspace.key("viewer")).get(workspace.path("")).asString())
        .isEqualTo(changed.asString());
  }

  @Test
  void a_change_of_nothing_changes_nothing() {
    TestWorkspace workspace = TestWorkspace.create();
    String before = as(ADMIN_KEY).get(workspace.path("")).asString();
    assertThat(as(ADMIN_KEY).body(new HashMap<>()).patch(workspace.path("")).asString())
        .isEqualTo(before);
  }

  @Test
  void everything_of_a_deleted_workspace_is_gone() {
    TestWorkspace workspace = TestWorkspace.create();
    String key = workspace.key("admin");
    as(key).get(workspace.path("/workflows")).then().statusCode(200);

    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);

    as(key).get(workspace.path("/workflows")).then().statusCode(401);
    as(key).get("/api/workspaces").then().statusCode(401);
    for (String path : List.of("", "/workflows", "/api-keys", "/secrets")) {
      as(ADMIN_KEY).get(workspace.path(path)).then().statusCode(404);
    }
    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(404);
  }

  @Test
  void a_slug_is_free_again_after_its_workspace() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);
    as(ADMIN_KEY)
        .body(Map.of("slug", workspace.slug(), "name", "Next"))
        .post("/api/workspaces")
        .then()
        .statusCode(201);
    as(ADMIN_KEY).get(workspace.path("")).then().statusCode(200).body("name", equalTo("Next"));
  }

  @Test
  void a_deletion_on_another_replica_is_seen_within_five_seconds() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY).get(workspace.path("/workflows")).then().statusCode(200);
    database.update("update workspace set deleted_at = now() where id = ?", workspace.id());
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> as(ADMIN_KEY).get(workspace.path("/workflows")).statusCode() == 404);
  }

  @Test
  void who_did_what_is_written_down() {
    TestWorkspace workspace = TestWorkspace.create();
    as(ADMIN_KEY).body(Map.of("name", "New")).patch(workspace.path("")).then().statusCode(200);
    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);
    assertThat(
            database.query(
                "select actor || ' ' || verb from audit_entry where workspace_id = ? order by id",
                workspace.id()))
        .containsExactly(
            "admin workspace.create", "admin workspace.update", "admin workspace.delete");
    assertThat(new HashSet<>(database.query("select subject from audit_entry")))
        .contains(workspace.slug());
  }

  private static String slug() {
    return "w-" + UUID.randomUUID();
  }
}
