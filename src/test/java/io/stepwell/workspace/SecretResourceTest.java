package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class SecretResourceTest {
  private static final Map<String, String> VALUE = Map.of("value", "hush-hush");

  private final Database database = new Database();
  private TestWorkspace workspace;

  @BeforeEach
  void createWorkspace() {
    workspace = TestWorkspace.create();
  }

  @Test
  void a_secret_goes_in_and_never_comes_out() {
    String path = workspace.path("/secrets/API_TOKEN");
    Response created = as(workspace.key("editor")).body(VALUE).put(path);
    created
        .then()
        .statusCode(201)
        .header("Location", path)
        .body("$", aMapWithSize(2))
        .body("name", equalTo("API_TOKEN"));
    String list = as(workspace.key("editor")).get(workspace.path("/secrets")).asString();
    assertThat(created.asString() + list).doesNotContain("hush");
    assertThat(as(ADMIN_KEY).get(path).statusCode()).isIn(404, 405);
  }

  @Test
  void a_deleted_secret_is_gone() {
    String path = workspace.path("/secrets/A");
    as(ADMIN_KEY).body(VALUE).put(path).then().statusCode(201);
    as(workspace.key("editor")).delete(path).then().statusCode(204);
    as(ADMIN_KEY).delete(path).then().statusCode(404).body("code", equalTo("secret_not_found"));
    as(ADMIN_KEY).delete(workspace.path("/secrets/%00")).then().statusCode(404);
  }

  @Test
  void names_are_listed_newest_first_page_by_page() {
    for (String name : List.of("A", "B", "C")) {
      as(ADMIN_KEY).body(VALUE).put(workspace.path("/secrets/" + name)).then().statusCode(201);
    }
    Response first = as(ADMIN_KEY).get(workspace.path("/secrets?limit=2"));
    first
        .then()
        .statusCode(200)
        .body("secrets.name", equalTo(List.of("C", "B")))
        .body("secrets[0]", aMapWithSize(2));
    as(ADMIN_KEY)
        .get(workspace.path("/secrets?limit=2&cursor=" + first.path("pagination.nextCursor")))
        .then()
        .body("secrets.name", equalTo(List.of("A")))
        .body("pagination.nextCursor", equalTo(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"viewer", "operator"})
  void secrets_are_the_affair_of_editors(String role) {
    String path = workspace.path("/secrets/A");
    as(workspace.key(role)).body(VALUE).put(path).then().statusCode(403);
    as(workspace.key(role)).get(workspace.path("/secrets")).then().statusCode(403);
    as(workspace.key(role)).delete(path).then().statusCode(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1A", "A-B", "a.b", "%20", "%00", "a%2Fb", "\u00e9"})
  void a_name_that_no_expression_could_hold_is_refused(String name) {
    as(ADMIN_KEY)
        .body(VALUE)
        .put(workspace.path("/secrets/" + name))
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_secret_name"));
  }

  @Test
  void the_database_holds_no_value() {
    as(ADMIN_KEY).body(VALUE).put(workspace.path("/secrets/A")).then().statusCode(201);
    assertThat(
            database.query(
                "select encode(ciphertext, 'escape') from secret where workspace_id = ?",
                workspace.id()))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row).doesNotContain("hush"));
  }

  @Test
  void who_did_what_is_written_down_without_values() {
    String path = workspace.path("/secrets/A");
    as(ADMIN_KEY).body(VALUE).put(path);
    as(ADMIN_KEY).body(VALUE).put(path);
    as(ADMIN_KEY).delete(path);
    assertThat(
            database.query(
                "select verb || ' ' || subject from audit_entry"
                    + " where workspace_id = ? and verb like 'secret%' order by id",
                workspace.id()))
        .containsExactly("secret.create A", "secret.update A", "secret.delete A");
    as(ADMIN_KEY).get(workspace.path("/secrets")).then().body("secrets", hasSize(0));
  }
}
