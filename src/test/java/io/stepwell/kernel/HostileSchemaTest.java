package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Schemas and values that strangers wrote to take all the time or memory there is. The timeout is a
 * hundred times what an evaluation may take; without a bound these take minutes to years.
 */
@Timeout(value = 25, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileSchemaTest {
  private static final int LARGE = 900_000;

  @Test
  void repetitions_that_multiply_are_refused_where_the_schema_is_read() {
    for (String pattern :
        List.of(
            "((a{0,100}){0,100}){0,5}b",
            "((a{0,1000}){0,1000}){0,1000}",
            "(((x{1,500}){1,500}){1,500}){1,500}")) {
      assertThat(problems(Json.object().set("properties", named("x", "pattern", pattern))))
          .extracting(Problem::pointer)
          .containsExactly("/properties/x/pattern");
      ObjectNode schema = Json.object();
      schema.putObject("patternProperties").set(pattern, Json.object());
      assertThat(problems(schema)).isNotEmpty();
    }
  }

  @Test
  void all_patterns_of_a_schema_together_are_bounded() {
    ObjectNode schema = Json.object();
    for (int i = 0; i < 60; i++) {
      schema
          .withObject("properties")
          .putObject("p" + i)
          .put("pattern", "[a-z]{0,900}" + "x?".repeat(400));
    }

    assertThat(problems(schema)).extracting(Problem::pointer).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a?){0,900}b", "^(a|aa|aaa){0,300}$", "(x+x+)+y", "[^b]{0,999}b"})
  void a_pattern_that_meets_a_large_text_is_given_up(String pattern) {
    ArrayNode texts = Json.array();
    for (int i = 0; i < 9; i++) {
      texts.add("a".repeat(LARGE / 9));
    }
    ObjectNode schema = Json.object();
    schema.putObject("items").put("pattern", pattern);

    assertThat(violations(schema, texts)).isNotEmpty();
    assertThat(violations(Json.object().put("pattern", pattern), "a".repeat(LARGE))).isNotEmpty();
  }

  @Test
  void patterns_of_names_that_meet_many_names_are_given_up() {
    ObjectNode schema = Json.object();
    for (int i = 0; i < 90; i++) {
      schema.withObject("patternProperties").set("(a?){0,100}b" + i, Json.object());
    }
    ObjectNode value = Json.object();
    for (int i = 0; i < 8_000; i++) {
      value.put("a".repeat(100) + i, 1);
    }

    assertThat(violations(schema, value)).isNotEmpty();
    ObjectNode names = Json.object();
    names.putObject("propertyNames").put("pattern", "^((a?){0,90}[0-9]+){0,9}$");
    assertThat(violations(names, value)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname",
        "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template",
        "json-pointer", "relative-json-pointer", "regex"
      })
  void a_format_is_never_asked_of_a_large_text(String format) {
    ObjectNode schema = Json.object().put("format", format);

    for (String text :
        List.of(
            "@".repeat(LARGE) + " ",
            "a.".repeat(LARGE / 2),
            "1:".repeat(LARGE / 2),
            "{".repeat(LARGE),
            "((((a{0,1000}){0,1000}){0,1000}){0,1000})".repeat(LARGE / 50),
            "P" + "1".repeat(LARGE))) {
      assertThat(violations(schema, text)).isNotEmpty();
    }
    // as many as fit, each as long as is looked at
    ArrayNode many = Json.array();
    for (int i = 0; i < LARGE / 4_000; i++) {
      many.add("@".repeat(3_998) + " ");
    }
    ObjectNode items = Json.object();
    items.putObject("items").put("format", format);
    violations(items, many);
    violations(Json.object().put("format", "regex"), "((a{0,1000}){0,1000}){0,1000}");
  }

  @Test
  void unique_items_whose_hashes_are_all_the_same_are_told_apart() {
    ObjectNode schema = Json.object().put("uniqueItems", true);
    ArrayNode many = Json.array();
    collisions(15).forEach(text -> many.addArray().add(text));
    violations(schema, many);
    ArrayNode same = Json.array();
    collisions(9).forEach(same::add);
    ArrayNode nested = Json.array();
    collisions(9).forEach(text -> nested.addArray().add(text));

    assertThat(violations(schema, same)).isEmpty();
    assertThat(violations(schema, nested)).isEmpty();
    same.add(same.get(0).asText());
    assertThat(violations(schema, same)).hasSize(1);
  }

  @Test
  void unique_items_compare_values_and_not_their_spelling() {
    ObjectNode schema = Json.object().put("uniqueItems", true);

    assertThat(violations(schema, Json.read("[1, 1.0]"))).hasSize(1);
    assertThat(violations(schema, Json.read("[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1e0}]")))
        .hasSize(1);
    assertThat(violations(schema, Json.read("[1, \"1\", true, null, [1], {\"1\": 1}, [\"1\"]]")))
        .isEmpty();
    assertThat(violations(schema, Json.read("[\"a\\\",\\\"b\", [\"a\", \"b\"], \"[\\\"a\\\"]\"]")))
        .isEmpty();
  }

  @Test
  void an_enumeration_that_meets_many_values_is_told_of_in_few_words() {
    ObjectNode schema = Json.object();
    ArrayNode values = schema.putObject("items").putArray("enum");
    collisions(10).forEach(values::add);
    ArrayNode many = Json.array();
    for (int i = 0; i < 200_000; i++) {
      many.add(i % 10);
    }

    List<Problem> problems = violations(schema, many);

    assertThat(problems).hasSizeLessThanOrEqualTo(Problem.MOST + 1);
    assertThat(problems).allSatisfy(p -> assertThat(p.detail()).hasSizeLessThanOrEqualTo(300));
  }

  @Test
  void a_constant_that_meets_a_large_value_again_and_again_is_given_up() {
    String text = "x".repeat(30_000);
    ObjectNode schema = Json.object();
    ArrayNode all = schema.putObject("items").putArray("allOf");
    schema.putObject("$defs").putObject("c").put("const", text + "y");
    for (int i = 0; i < 900; i++) {
      all.addObject().put("$ref", "#/$defs/c");
    }
    ArrayNode many = Json.array();
    for (int i = 0; i < 29; i++) {
      many.add(text + "z");
    }

    assertThat(violations(schema, many)).isNotEmpty();
  }

  @Test
  void references_that_multiply_are_given_up() {
    ObjectNode schema = Json.object();
    for (int i = 0; i < 60; i++) {
      ArrayNode both = schema.withObject("$defs").putObject("d" + i).putArray("allOf");
      both.addObject().put("$ref", "#/$defs/d" + Math.min(59, i + 1));
      both.addObject().put("$ref", "#/$defs/d" + Math.min(59, i + 1));
    }
    schema.withObject("$defs").putObject("d59").put("type", "string");
    schema.put("$ref", "#/$defs/d0");

    assertThat(violations(schema, Json.object())).isNotEmpty();
  }

  @Test
  void numbers_of_any_size_are_divided_quickly() {
    ObjectNode schema = Json.object();
    schema.putObject("items").put("multipleOf", new BigDecimal("1e-308"));
    ArrayNode many = Json.array();
    for (int i = 0; i < 100_000; i++) {
      many.add(new BigDecimal("9.87e307"));
    }

    violations(schema, many);
  }

  @Test
  void unevaluated_parts_of_a_large_value_are_given_up() {
    ObjectNode schema = Json.object();
    schema.put("unevaluatedItems", false);
    ArrayNode any = schema.putArray("allOf");
    for (int i = 0; i < 300; i++) {
      any.addObject().putObject("contains").put("const", i);
    }
    ArrayNode many = Json.array();
    for (int i = 0; i < 200_000; i++) {
      many.add(i % 300);
    }

    violations(schema, many);
  }

  @Test
  void pointers_and_names_of_any_length_are_told_of_in_few_words() {
    ObjectNode schema = Json.object().put("additionalProperties", false);
    ObjectNode value = Json.object().put("n".repeat(LARGE), 1);

    assertThat(violations(schema, value))
        .allSatisfy(p -> {
          assertThat(p.detail()).hasSizeLessThanOrEqualTo(Problem.MOST_CHARACTERS);
          assertThat(p.pointer()).hasSizeLessThanOrEqualTo(Problem.MOST_CHARACTERS);
        });
  }

  @Test
  void many_problems_are_counted_and_not_listed() {
    ObjectNode schema = Json.object();
    schema.putObject("items").put("type", "string");
    ArrayNode many = Json.array();
    for (int i = 0; i < 1_000; i++) {
      many.add(i);
    }

    List<Problem> problems = violations(schema, many);

    assertThat(problems).hasSize(Problem.MOST + 1);
    assertThat(problems.getLast()).isEqualTo(new Problem("/t", "and 900 more"));
  }

  private static ObjectNode named(String name, String keyword, String value) {
    ObjectNode properties = Json.object();
    properties.putObject(name).put(keyword, value);
    return properties;
  }

  /** Strings that are all different and have one hash. */
  private static List<String> collisions(int doublings) {
    List<String> texts = List.of("");
    for (int i = 0; i < doublings; i++) {
      List<String> longer = new ArrayList<>();
      for (String text : texts) {
        longer.add(text + "Aa");
        longer.add(text + "BB");
      }
      texts = longer;
    }
    return texts;
  }

  private static List<Problem> problems(JsonNode schema) {
    List<Problem> problems = new ArrayList<>();
    JsonSchema.parse(schema, "", problems);
    return problems;
  }

  private static List<Problem> violations(ObjectNode schema, String text) {
    return violations(schema, Json.array().add(text).get(0));
  }

  private static List<Problem> violations(JsonNode schema, JsonNode value) {
    List<Problem> problems = new ArrayList<>();
    JsonSchema parsed =
        JsonSchema.parse(schema, "", problems)
            .orElseThrow(() -> new AssertionError("no schema: " + problems));
    return parsed.violations(value, "/t");
  }
}
