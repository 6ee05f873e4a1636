package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {

  @Test
  void every_violation_is_reported_at_its_own_pointer() {
    JsonSchema schema =
        schema(
            """
            {"type": "object", "required": ["userId", "a/b"], "additionalProperties": false,
             "properties": {"userId": {"type": "string"}, "a/b": {}, "n": {"type": "integer"},
               "list": {"items": {"minLength": 2}}}}\
            """);

    assertThat(violations(schema, "{'n': 'x', 'list': ['ab', 'a'], 'more': 1, 'userId': 1}"))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder("/t/n", "/t/list/1", "/t/more", "/t/userId", "/t/a~1b");
    assertThat(violations(schema, "{'userId': 'u', 'a/b': null}")).isEmpty();
  }

  @Test
  void formats_are_checked() {
    JsonSchema schema = schema("{'properties': {'t': {'format': 'date-time'}}}");

    assertThat(violations(schema, "{'t': 'yesterday'}")).hasSize(1);
    assertThat(violations(schema, "{'t': '2026-11-22T19:44:15.123Z'}")).isEmpty();
  }

  @Test
  void local_references_work_and_may_recur() {
    JsonSchema schema =
        schema(
            """
            {"$id": "https://example.com/tree", "$defs": {"name": {"type": "string"}},
             "properties": {"name": {"$ref": "#/$defs/name"}, "child": {"$ref": "#"}}}\
            """);

    assertThat(violations(schema, "{'child': {'child': {'name': 1}}}"))
        .extracting(Problem::pointer)
        .containsExactly("/t/child/child/name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type': 'strnig'}",
        "{'properties': {'a': {'minLength': -1}}}",
        "17",
        "{'pattern': '(?=a)b'}",
        "{'patternProperties': {'(a)\\\\1': true}}",
        "{'$ref': '#/$defs/none'}",
        "{'$ref': '#none'}",
        "{'$ref': 'file:///etc/passwd'}",
        "{'$ref': 'https://json-schema.org/draft/2020-12/schema'}",
        "{'allOf': [{'$dynamicRef': 'https://example.com/'}]}",
        "{'properties': {'a': {'$id': 'https://example.com/'}}}",
        "{'$schema': 'http://json-schema.org/draft-07/schema#'}",
        "{'$schema': 'https://example.com/my-dialect'}"
      })
  void what_is_no_schema_is_refused_with_a_pointer(String document) {
    List<Problem> problems = new ArrayList<>();

    assertThat(JsonSchema.parse(json(document), "/triggerSchema", problems)).isEmpty();

    assertThat(problems)
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem.pointer()).startsWith("/triggerSchema"))
        .allSatisfy(problem -> assertThat(problem.detail()).isNotBlank());
  }

  @Test
  void a_schema_larger_than_the_bound_is_refused() {
    List<Problem> problems = new ArrayList<>();
    JsonNode large = Json.object().put("description", "x".repeat(JsonSchema.MAX_BYTES));

    assertThat(JsonSchema.parse(large, "", problems)).isEmpty();
    assertThat(problems).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'$ref': '%s'}",
        "{'x': {'$ref': '%s'}, 'allOf': [{'$ref': '#/x'}]}",
        "{'$schema': '%s'}",
        "{'$defs': {'a': {'$id': '%s', '$ref': 'b'}}, '$ref': '#/$defs/a'}"
      })
  void nothing_is_ever_loaded_from_elsewhere(String document) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(200);
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/schema.json";

      JsonSchema.parse(json(document.formatted(url)), "", new ArrayList<>())
          .ifPresent(schema -> schema.violations(Json.object(), ""));

      Assertions.assertThrows(java.net.SocketTimeoutException.class, server::accept);
    }
  }

  @Test
  void a_reference_into_data_that_is_no_schema_is_a_violation() {
    JsonSchema schema =
        schema(
            """
            {"properties": {"a": {"enum": [{"pattern": "(?=a)"}]},
              "b": {"$ref": "#/properties/a/enum/0"}}}\
            """);

    assertThat(violations(schema, "{'b': 'x'}")).hasSize(1);
  }

  @Test
  void a_schema_that_refers_to_itself_without_end_is_a_violation() {
    assertThat(violations(schema("{'$ref': '#'}"), "{}")).hasSize(1);
  }

  @Test
  void a_schema_whose_references_multiply_ends_in_bounded_time() {
    StringBuilder document = new StringBuilder("{'$defs': {");
    for (int i = 0; i < 40; i++) {
      document.append(
          "'d%d': {'allOf': [{'$ref': '#/$defs/d%d'}, {'$ref': '#/$defs/d%d'}]},"
              .formatted(i, i + 1, i + 1));
    }
    JsonSchema schema = schema(document.append("'d40': true}, '$ref': '#/$defs/d0'}").toString());

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> assertThat(violations(schema, "{}")).hasSize(1));
  }

  @Test
  void a_hostile_regular_expression_takes_linear_time() {
    JsonSchema schema = schema("{'pattern': '^(a+)+$'}");

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThat(schema.violations(Json.mapper().valueToTree("a".repeat(50_000) + "!"), ""))
                .hasSize(1));
  }

  @Test
  void what_only_unknown_parts_violate_is_left_out() {
    JsonSchema schema =
        schema(
            """
            {"required": ["r"], "additionalProperties": false, "properties": {
              "n": {"type": "integer"}, "c": {"enum": ["x"]}, "r": {},
              "q": {"anyOf": [{"type": "string"}, {"items": {"type": "integer"}, "type": "array"}]}}}
            """);

    assertThat(
            schema.violations(
                json("{'n': '?', 'c': '?', 'q': [1, '?'], 'more': '?'}"),
                "",
                part -> part.asText().equals("?")))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder("/r", "/more");
    assertThat(schema.violations(json("{'r': 1, 'q': ['x', 1]}"), "", part -> false)).isNotEmpty();
  }

  @Test
  void a_condition_on_a_known_part_is_certain_beside_an_unknown_one() {
    JsonSchema schema =
        schema(
            """
            {"if": {"required": ["channel"], "properties": {"channel": {"const": "webhook"}}},
             "then": {"required": ["url"]}, "dependentRequired": {"a": ["b"]}}\
            """);

    assertThat(unmended(schema, "{'channel': 'webhook', 'message': '?', 'a': '?'}"))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder("/url", "/b");
    assertThat(unmended(schema, "{'channel': '?'}")).isEmpty();
  }

  private static List<Problem> unmended(JsonSchema schema, String value) {
    return schema.violations(json(value), "", part -> part.asText().equals("?"));
  }

  private static List<Problem> violations(JsonSchema schema, String value) {
    return schema.violations(json(value), "/t");
  }

  private static JsonSchema schema(String document) {
    List<Problem> problems = new ArrayList<>();
    return JsonSchema.parse(json(document), "", problems)
        .orElseThrow(() -> new AssertionError(problems));
  }

  private static JsonNode json(String text) {
    return Json.read(text.replace('\'', '"'));
  }
}
