package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class BadInputTest {
  private static TestWorkspace workspace;

  @BeforeEach
  void createWorkspace() {
    if (workspace == null) { // and not before all: the client learns the port only before each
      workspace = TestWorkspace.create();
    }
  }

  static Stream<String> malformed() {
    String digits = "1".repeat(101);
    return Stream.of(
        "",
        "   ",
        "nonsense",
        "{",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\"} x",
        "{\"name\":\"a\"}{}",
        "{\"name\":\"\\u0000\"}",
        "{\"na\\u0000me\":\"a\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\udc00x\"}",
        "{\"name\":1e999999}",
        "{\"name\":-1e999999}",
        "{\"name\":1e-999999}",
        "{\"name\":1e99999999999}",
        "{\"name\":" + digits + "}",
        "{\"name\":0." + digits + "}",
        "{\"name\":" + "[".repeat(65) + "]".repeat(65) + "}",
        "[]",
        "null",
        "\"text\"",
        "1",
        "true");
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void a_body_that_is_no_proper_object_is_400_everywhere(String body) {
    List<Response> answers =
        List.of(
            as(ADMIN_KEY).body(bytes(body)).post("/api/workspaces"),
            as(ADMIN_KEY).body(bytes(body)).patch(workspace.path("")),
            as(ADMIN_KEY).body(bytes(body)).post(workspace.path("/api-keys")),
            as(ADMIN_KEY).body(bytes(body)).put(workspace.path("/secrets/A")));
    for (Response answer : answers) {
      answer.then().statusCode(400).contentType("application/problem+json");
      assertThat(answer.<String>path("code")).isIn("malformed_json", "invalid_request");
    }
  }

  static Stream<Arguments> invalid() {
    String slugs = "/api/workspaces";
    String keys = "/api-keys";
    String secrets = "/secrets/A";
    return Stream.of(
        Arguments.of(slugs, "{}", List.of("/slug", "/name")),
        Arguments.of(slugs, "{\"slug\":null,\"name\":null}", List.of("/slug", "/name")),
        Arguments.of(slugs, "{\"slug\":1,\"name\":[]}", List.of("/slug", "/name")),
        Arguments.of(slugs, "{\"slug\":\"UPPER\",\"name\":\" \"}", List.of("/slug", "/name")),
        Arguments.of(slugs, "{\"slug\":\"-a\",\"name\":\"n\"}", List.of("/slug")),
        Arguments.of(slugs, "{\"slug\":\"a-\",\"name\":\"n\"}", List.of("/slug")),
        Arguments.of(slugs, "{\"slug\":\"a b\",\"name\":\"n\"}", List.of("/slug")),
        Arguments.of(slugs, "{\"slug\":\"a\\n\",\"name\":\"n\"}", List.of("/slug")),
        Arguments.of(slugs, slugOf(64), List.of("/slug")),
        Arguments.of(
            slugs, "{\"slug\":\"a\",\"name\":\"" + "n".repeat(201) + "\"}", List.of("/name")),
        Arguments.of(
            slugs, "{\"slug\":\"a\",\"name\":\"n\",\"x/y\":1,\"id\":2}", List.of("/x~1y", "/id")),
        Arguments.of("", "{\"slug\":\"a\"}", List.of("/slug")),
        Arguments.of("", "{\"name\":true}", List.of("/name")),
        Arguments.of(keys, "{}", List.of("/name", "/role")),
        Arguments.of(keys, "{\"name\":\"n\",\"role\":\"root\"}", List.of("/role")),
        Arguments.of(keys, "{\"name\":\"n\",\"role\":\"VIEWER\"}", List.of("/role")),
        Arguments.of(keys, "{\"name\":\"n\",\"role\":1}", List.of("/role")),
        Arguments.of(
            keys,
            "{\"name\":\"n\",\"role\":\"viewer\",\"expiresAt\":\"yesterday\"}",
            List.of("/expiresAt")),
        Arguments.of(
            keys,
            "{\"name\":\"n\",\"role\":\"viewer\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}",
            List.of("/expiresAt")),
        Arguments.of(
            keys,
            "{\"name\":\"n\",\"role\":\"viewer\",\"expiresAt\":1700000000}",
            List.of("/expiresAt")),
        Arguments.of(
            keys, "{\"name\":\"n\",\"role\":\"viewer\",\"userId\":\"\"}", List.of("/userId")),
        Arguments.of(
            keys, "{\"name\":\"n\",\"role\":\"viewer\",\"key\":\"sw_x\"}", List.of("/key")),
        Arguments.of(secrets, "{}", List.of("/value")),
        Arguments.of(secrets, "{\"value\":{}}", List.of("/value")),
        Arguments.of(secrets, "{\"value\":\"secret\",\"name\":\"A\"}", List.of("/name")),
        Arguments.of(secrets, "{\"value\":\"short\"}", List.of("/value")),
        Arguments.of(secrets, "{\"value\":\"" + "v".repeat(65_537) + "\"}", List.of("/value")));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void every_wrong_member_is_told_with_its_pointer(
      String place, String body, List<String> pointers) {
    String path = place.startsWith("/api/") ? place : workspace.path(place);
    String method = place.isEmpty() ? "PATCH" : place.startsWith("/secrets") ? "PUT" : "POST";
    Response answer = as(ADMIN_KEY).body(bytes(body)).request(method, path);
    answer.then().statusCode(400).body("code", equalTo("invalid_request"));
    assertThat(answer.<List<String>>path("errors.pointer"))
        .containsExactlyInAnyOrderElementsOf(pointers);
  }

  @Test
  void the_longest_slug_is_taken() {
    as(ADMIN_KEY).body(bytes(slugOf(63))).post("/api/workspaces").then().statusCode(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "-1", "x", "1.5", "99999999999", "%00"})
  void a_limit_out_of_range_is_400(String limit) {
    for (String list : lists()) {
      as(ADMIN_KEY)
          .get(list + "?limit=" + limit)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_limit"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
  void a_cursor_that_no_list_gave_out_is_400(String cursor) {
    for (String list : lists()) {
      as(ADMIN_KEY)
          .get(list + "?cursor=" + cursor)
          .then()
          .statusCode(400)
          .body("code", equalTo("invalid_cursor"));
    }
  }

  @Test
  void the_problem_says_what_a_choice_may_be() {
    as(ADMIN_KEY)
        .body(bytes("{\"name\":\"n\",\"role\":\"root\"}"))
        .post(workspace.path("/api-keys"))
        .then()
        .body("errors.detail", hasItem("is not one of viewer, operator, editor, admin"));
  }

  private static List<String> lists() {
    return List.of("/api/workspaces", workspace.path("/api-keys"), workspace.path("/secrets"));
  }

  private static String slugOf(int length) {
    return "{\"slug\":\"" + "a".repeat(length) + "\",\"name\":\"n\"}";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
