package io.stepwell.workspace;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

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
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AccessTest {
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
          .get("/api/workspaces/" + slug + "/workflows")
          .then()
          .statusCode(401)
          .header("WWW-Authenticate", "Bearer")
          .contentType("application/problem+json")
          .body("code", equalTo("unauthenticated"));
    }
    given().get(own.path("/workflows")).then().statusCode(401);
  }

  @Test
  void two_authorization_headers_are_none() {
    given()
        .header("Authorization", "Bearer " + own.key("viewer"), "Bearer " + own.key("admin"))
        .get(own.path("/workflows"))
        .then()
        .statusCode(401);
  }

  @Test
  void the_scheme_may_be_written_in_any_case() {
    given()
        .header("Authorization", "bEARER  " + own.key("viewer"))
        .get(own.path("/workflows"))
        .then()
        .statusCode(200);
  }

  @Test
  void another_workspace_looks_exactly_like_none() {
    Response others = as(own.key("admin")).get(other.path("/workflows"));
    String unknown = "w-" + UUID.randomUUID();
    Response none = as(own.key("admin")).get("/api/workspaces/" + unknown + "/workflows");
    assertThat(others.statusCode()).isEqualTo(404);
    assertThat(others.asString().replace(other.slug(), "?"))
        .isEqualTo(none.asString().replace(unknown, "?"));
    assertThat(others.<String>path("code")).isEqualTo("workspace_not_found");
    as(ADMIN_KEY).get("/api/workspaces/" + unknown + "/workflows").then().statusCode(404);
  }

  @Test
  void another_workspace_is_404_before_a_missing_role_is_403() {
    as(own.key("viewer")).post(other.path("/workflows")).then().statusCode(404);
    as(own.key("viewer")).delete(other.path("")).then().statusCode(404);
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
    assertThat(status("GET", "/api/workspaces/" + slug + "/workflows", ADMIN_KEY)).isEqualTo(404);
  }

  /** Each asks for the other workspace's things in some disguise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/workspaces/OTHER/workflows",
        "/api/workspaces/OTHER/workflows/",
        "//api//workspaces//OTHER//workflows",
        "/api/workspaces/OWN/../OTHER/workflows",
        "/api/workspaces/OWN/..;/OTHER/workflows",
        "/api/workspaces/OWN/%2e%2e/OTHER/workflows",
        "/api/workspaces/OWN%2f..%2fOTHER/workflows",
        "/api/workspaces/OTHER;slug=OWN/workflows",
        "/api/workspaces/OTHER%3Bslug=OWN/workflows",
        "/api/workspaces;slug=OWN/OTHER/workflows",
        "/api/workspaces/%OTHER%/workflows",
        "/%61pi/workspaces/OTHER/workflows",
        "/api/./workspaces/OTHER/./workflows",
        "/api/workspaces/OTHER/workflows?slug=OWN",
        "/api/workspaces/OTHER/%77orkflows",
        "/API/workspaces/OTHER/workflows",
        "http://x/api/workspaces/OTHER/workflows",
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
    String encoded = own.path("/%77orkflows/");
    assertThat(status("GET", encoded, own.key("viewer"))).isEqualTo(200);
    assertThat(status("POST", encoded, own.key("viewer"))).isEqualTo(403);
    assertThat(status("POST", own.path("/workflows;x=1"), own.key("viewer"))).isIn(403, 404);
    assertThat(status("POST", own.path("/workflows/"), own.key("viewer"))).isEqualTo(403);
    assertThat(status("POST", own.path("//workflows"), own.key("viewer"))).isIn(403, 404);
  }

  @Test
  void head_needs_what_get_needs_and_options_tells_only_of_methods() throws IOException {
    assertThat(status("HEAD", own.path("/workflows"), own.key("viewer"))).isEqualTo(200);
    assertThat(status("HEAD", own.path("/workflows"), "unknown-key")).isEqualTo(401);
    assertThat(status("HEAD", other.path("/workflows"), own.key("viewer"))).isEqualTo(404);
    assertThat(raw("OPTIONS", other.path("/workflows"), "unknown-key"))
        .isEqualToIgnoringCase(
            raw("OPTIONS", "/api/workspaces/no-such-one/workflows", "unknown-key"));
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
