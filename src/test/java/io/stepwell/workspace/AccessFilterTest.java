package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Access} means, by a resource that has a method for each of its cases. */
@QuarkusTest
class AccessFilterTest {
  private static final List<String> ROLES = List.of("viewer", "operator", "editor", "admin");

  private static TestWorkspace own;

  @BeforeEach
  void createWorkspace() {
    if (own == null) { // and not before all: the client learns the port only before each
      own = TestWorkspace.create();
    }
  }

  @ParameterizedTest
  @CsvSource({"GET, viewer", "POST, operator", "PUT, editor", "DELETE, admin"})
  void a_role_may_do_what_the_ones_before_it_may(String method, String needed) {
    for (String role : ROLES) {
      Response answer = as(own.key(role)).request(method, own.path("/probe"));
      if (ROLES.indexOf(role) >= ROLES.indexOf(needed)) {
        answer.then().statusCode(200).body("role", equalTo(role));
      } else {
        answer.then().statusCode(403).body("code", equalTo("role_missing"));
      }
    }
    as(ADMIN_KEY).request(method, own.path("/probe")).then().statusCode(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"viewer", "operator", "editor", "admin"})
  void no_role_of_a_workspace_makes_an_instance_administrator(String role) {
    as(own.key(role))
        .post(own.path("/probe/instance"))
        .then()
        .statusCode(403)
        .body("code", equalTo("role_missing"));
    as(ADMIN_KEY).post(own.path("/probe/instance")).then().statusCode(200);
  }

  @Test
  void a_resource_sees_who_calls() {
    as(own.key("operator"))
        .get(own.path("/probe"))
        .then()
        .body("workspaceId", equalTo(own.id().toString()))
        .body("slug", equalTo(own.slug()))
        .body("userId", startsWith("apikey:"))
        .body("instanceAdministrator", equalTo(false));
    as(ADMIN_KEY)
        .get(own.path("/probe"))
        .then()
        .body("workspaceId", equalTo(own.id().toString()))
        .body("userId", equalTo("admin"))
        .body("role", equalTo("admin"))
        .body("instanceAdministrator", equalTo(true));
  }

  @Test
  void a_stream_sees_who_calls_at_every_item() {
    assertThat(
            as(ADMIN_KEY)
                .accept("text/event-stream")
                .get(own.path("/probe/stream/" + UUID.randomUUID()))
                .asString())
        .contains("1 admin", "2 admin");
  }

  @Test
  void a_method_that_says_nothing_of_access_is_refused_to_everybody() {
    as(ADMIN_KEY)
        .get("/api/probe/forgotten")
        .then()
        .statusCode(403)
        .body("code", equalTo("forbidden"));
  }

  @Test
  void a_role_is_none_where_there_is_no_workspace() {
    as(own.key("admin"))
        .get("/api/probe/nowhere")
        .then()
        .statusCode(403)
        .body("code", equalTo("role_missing"));
  }
}
