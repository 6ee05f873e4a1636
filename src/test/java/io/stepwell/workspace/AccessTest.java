package io.stepwell.workspace;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AccessTest {
  private static final List<String> ROLES = List.of("viewer", "operator", "editor", "admin");

  @TestHTTPResource URI base;
  private static TestWorkspace own;
  private static TestWorkspace other;

  @BeforeEach
  void createWorkspaces() {
    if (own == null) { // and not before all: the client learns the port only before each
      own = TestWorkspace.create();
      other = TestWorkspace.create();
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic dGVzdDp0ZXN0",
        "Bearer nonsense",
        "Bearer sw_abcdefgh_0123456789012345678901234567890123456789012",
        "Bearer test-admin-key-0123456789abcdeg",
        "test-admin-key-0123456789abcdef",
        "Bearer test-admin-key-0123456789abcdef, Bearer test-admin-key-0123456789abcdef",
      })
  void without_a_known_key_there_is_only_401(String authorization) {
    for (String slug : List.of(own.slug(), "unknown", "NO_SLUG")) {
      given()
          .header("Authorization", authorization)
          .get("/api/workspaces/" + slug + "/probe")
          .then()
          .statusCode(401)
          .header("WWW-Authenticate", "Bearer")
          .contentType("application/problem+json")
          .body("code", equalTo("unauthenticated"));
    }
    given().get(own.path("/probe")).then().statusCode(401);
  }

  @Test
  void two_authorization_headers_are_none() {
    given()
        .header("Authorization", "Bearer " + own.key("viewer"), "Bearer " + own.key("admin"))
        .get(own.path("/probe"))
        .then()
        .statusCode(401);
  }

  @Test
  void the_scheme_may_be_written_in_any_case() {
    given()
        .header("Authorization", "bEARER  " + own.key("viewer"))
        .get(own.path("/probe"))
        .then()
        .statusCode(200);
  }

  @Test
  void another_workspace_looks_exactly_like_none() {
    Response others = as(own.key("admin")).get(other.path("/probe"));
    String unknown = "w-" + UUID.randomUUID();
    Response none = as(own.key("admin")).get("/api/workspaces/" + unknown + "/probe");
    assertThat(others.statusCode()).isEqualTo(404);
    assertThat(others.asString().replace(other.slug(), "?"))
        .isEqualTo(none.asString().replace(unknown, "?"));
    assertThat(others.<String>path("code")).isEqualTo("workspace_not_found");
    as(ADMIN_KEY).get("/api/workspaces/" + unknown + "/probe").then().statusCode(404);
  }

  @Test
  void another_workspace_is_404_before_a_missing_role_is_403() {
    as(own.key("viewer")).delete(other.path("/probe")).then().statusCode(404);
    as(own.key("viewer")).post(other.path("/probe/instance")).then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPPER",
        "-a",
        "a-",
        "a_b",
        "a.b",
        "a%20b",
        "%00",
        "a%00",
        "%E2%98%83",
        "a%2Fb",
        "..%2f..",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void what_is_no_slug_is_no_workspace(String slug) throws IOException {
    assertThat(status("GET", "/api/workspaces/" + slug + "/probe", ADMIN_KEY)).isEqualTo(404);
  }

  /** Each asks for the other workspace's things in some disguise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/workspaces/OTHER/probe",
        "/api/workspaces/OTHER/probe/",
        "//api//workspaces//OTHER//probe",
        "/api/workspaces/OWN/../OTHER/probe",
        "/api/workspaces/OWN/..;/OTHER/probe",
        "/api/workspaces/OWN/%2e%2e/OTHER/probe",
        "/api/workspaces/OWN%2f..%2fOTHER/probe",
        "/api/workspaces/OTHER;slug=OWN/probe",
        "/api/workspaces/OTHER%3Bslug=OWN/probe",
        "/api/workspaces;slug=OWN/OTHER/probe",
        "/api/workspaces/%OTHER%/probe",
        "/%61pi/workspaces/OTHER/probe",
        "/api/./workspaces/OTHER/./probe",
        "/api/workspaces/OTHER/probe?slug=OWN",
        "/api/workspaces/OTHER/%70robe",
        "/API/workspaces/OTHER/probe",
        "http://x/api/workspaces/OTHER/probe",
      })
  void no_spelling_of_a_path_opens_another_workspace(String template) throws IOException {
    String path =
        template
            .replace(
                "%OTHER%",
                "%" + Integer.toHexString(other.slug().charAt(0)) + other.slug().substring(1))
            .replace("OTHER", other.slug())
            .replace("OWN", own.slug());
    for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")) {
      assertThat(status(method, path, own.key("admin"))).as(method + " " + path).isIn(404, 405);
    }
    assertThat(status("GET", path, "unknown-key")).as(path).isIn(401, 404);
  }

  @Test
  void a_spelling_that_is_served_is_guarded_as_the_plain_one() throws IOException {
    String encoded = own.path("/%70robe/");
    assertThat(status("GET", encoded, own.key("viewer"))).isEqualTo(200);
    assertThat(status("POST", encoded, own.key("viewer"))).isEqualTo(403);
    assertThat(status("POST", own.path("/probe;x=1"), own.key("viewer"))).isIn(403, 404);
    assertThat(status("POST", own.path("/probe/"), own.key("viewer"))).isEqualTo(403);
    assertThat(status("POST", own.path("//probe"), own.key("viewer"))).isIn(403, 404);
  }

  @Test
  void head_needs_what_get_needs_and_options_tells_only_of_methods() throws IOException {
    assertThat(status("HEAD", own.path("/probe"), own.key("viewer"))).isEqualTo(200);
    assertThat(status("HEAD", own.path("/probe"), "unknown-key")).isEqualTo(401);
    assertThat(status("HEAD", other.path("/probe"), own.key("viewer"))).isEqualTo(404);
    assertThat(raw("OPTIONS", other.path("/probe"), "unknown-key"))
        .isEqualToIgnoringCase(raw("OPTIONS", "/api/workspaces/no-such-one/probe", "unknown-key"));
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

  private int status(String method, String path, String key) throws IOException {
    return Integer.parseInt(raw(method, path, key).substring(9, 12));
  }

  /** The answer to a request whose path goes out as it is written; without its request id. */
  private String raw(String method, String path, String key) throws IOException {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              (method
                      + " "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                      + key
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .replaceFirst("X-Request-Id: \\S+", "");
    }
  }
}
