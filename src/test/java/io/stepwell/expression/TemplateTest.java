package io.stepwell.expression;

import static io.stepwell.expression.Scopes.json;
import static io.stepwell.expression.Scopes.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

  private static Template parse(JsonNode config) {
    List<TemplateError> errors = new ArrayList<>();
    Template template = Template.parse(config, "/config", errors);
    assertThat(errors).isEmpty();
    return template;
  }

  private static String render(String text) {
    return Json.write(parse(TextNode.valueOf(text)).render(scope()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          {{ trigger.name }}                          § "Ada"
          {{trigger.count}}                           § 3
          {{ trigger.big }}                           § 9007199254740993
          {{ trigger.price }}                         § 19.90
          {{ trigger.flag }}                          § true
          {{ trigger.none }}                          § null
          {{ trigger.missing }}                       § null
          {{ trigger.tags }}                          § ["x","y"]
          {{ trigger.nested }}                        § {"a":{"b":"deep"}}
          {{ {"a": {"b": 1}} }}                       § {"a":{"b":1}}
          {{{"a": {"b": 1}}}}                         § {"a":{"b":1}}
          {{ "}}" }}                                  § "}}"
          {{ '}}' & "{{" }}                           § "}}{{"
          {{ "a\\"}}" }}                              § "a\\"}}"
          {{ 1 /* }} */ + 1 }}                        § 2
          {{ trigger.`}}` }}                          § null
          Hello {{ trigger.name }}!                   § "Hello Ada!"
          {{ trigger.name }}{{ trigger.count }}       § "Ada3"
          {{ 1 }} {{ 2 }}                             § "1 2"
          a {{ trigger.price }} b                     § "a 19.90 b"
          a {{ trigger.flag }} b                      § "a true b"
          a{{ trigger.none }}{{ trigger.missing }}b   § "ab"
          a {{ trigger.tags }} b                      § "a [\\"x\\",\\"y\\"] b"
          a {{ trigger.nested }} b                    § "a {\\"a\\":{\\"b\\":\\"deep\\"}} b"
          a {{ {"x": {"y": {}}} }} b                  § "a {\\"x\\":{\\"y\\":{}}} b"
          no expression                               § "no expression"
          }} alone                                    § "}} alone"
          { single } braces                           § "{ single } braces"
          \\{{ literal }}                             § "{{ literal }}"
          \\{{ a }} {{ trigger.count }}               § "{{ a }} 3"
          \\\\{{ trigger.count }}                     § "\\\\3"
          \\\\\\{{ x }}                               § "\\\\{{ x }}"
          a\\b \\n                                    § "a\\\\b \\\\n"
          """)
  void a_string_becomes_its_value(String text, String expected) {
    assertThat(render(text)).isEqualTo(expected);
  }

  @Test
  void space_around_the_braces_makes_it_a_text() {
    assertThat(render(" {{ trigger.count }}")).isEqualTo("\" 3\"");
    assertThat(render("{{ trigger.count }}\n")).isEqualTo("\"3\\n\"");
    assertThat(render("")).isEqualTo("\"\"");
  }

  @Test
  void a_tree_is_rendered_whole_and_names_of_members_stay() {
    Template template =
        parse(
            json(
                "{'url': 'https://x/{{ user.id }}', 'n': 1.50, 'ok': true, 'none': null,"
                    + " 'list': ['{{ trigger.count }}', {'deep': '{{ trigger.tags }}'}, []],"
                    + " '{{ trigger.name }}': 'key'}"));

    assertThat(template.isConstant()).isFalse();
    assertThat(Json.write(template.render(scope())))
        .isEqualTo(
            "{\"url\":\"https://x/user_123\",\"n\":1.50,\"ok\":true,\"none\":null,"
                + "\"list\":[3,{\"deep\":[\"x\",\"y\"]},[]],\"{{ trigger.name }}\":\"key\"}");
  }

  @Test
  void a_tree_without_expressions_is_constant_and_still_unescaped() {
    Template template = parse(json("{'a': ['\\\\{{ x }}', 1], 'b': {}}"));

    assertThat(template.isConstant()).isTrue();
    assertThat(template.render(scope())).isEqualTo(json("{'a': ['{{ x }}', 1], 'b': {}}"));
  }

  @Test
  void each_rendering_is_a_tree_of_its_own() {
    ObjectNode names = (ObjectNode) json(Scopes.NAMES);
    Scope scope = Scope.of(names, name -> Optional.empty());
    Template template = parse(json("{'tags': '{{ trigger.tags }}', 'list': [1]}"));

    ObjectNode first = (ObjectNode) template.render(scope);
    ((ArrayNode) first.get("tags")).add("changed");
    ((ArrayNode) first.get("list")).add("changed");

    assertThat(names).isEqualTo(json(Scopes.NAMES));
    assertThat(template.render(scope)).isEqualTo(json("{'tags': ['x', 'y'], 'list': [1]}"));
  }

  @Test
  void every_error_is_collected_with_its_pointer() {
    List<TemplateError> errors = new ArrayList<>();
    JsonNode config =
        json(
            "{'ok': '{{ a }}', 'open': 'x {{ a', 'a/b~c': ['{{ }}', {'d': '{{ /x/ }}'}],"
                + " 'quote': '{{ \\'a }}', 'brace': '{{ } }}', 'syntax': '{{ 1 + }}'}");

    Template.parse(config, "/actions/0/config", errors);

    assertThat(errors)
        .extracting(TemplateError::pointer)
        .containsExactly(
            "/actions/0/config/open",
            "/actions/0/config/a~1b~0c/0",
            "/actions/0/config/a~1b~0c/1/d",
            "/actions/0/config/quote",
            "/actions/0/config/brace",
            "/actions/0/config/syntax");
    assertThat(errors).extracting(TemplateError::detail).doesNotContain("").doesNotContainNull();
    assertThat(errors.getFirst().detail()).contains("not closed");
  }

  @Test
  void too_many_expressions_are_an_error() {
    ArrayNode config = Json.array();
    for (int i = 0; i <= Template.MAX_EXPRESSIONS; i++) {
      config.add("{{ a }}");
    }
    List<TemplateError> errors = new ArrayList<>();

    Template.parse(config, "/config", errors);

    assertThat(errors).singleElement().extracting(TemplateError::pointer).isEqualTo("/config");
  }

  @Test
  void a_failure_names_the_pointer_of_its_string() {
    Template template = parse(json("{'a': [1, 'x {{ 1 + trigger.name }}']}"));

    assertThatThrownBy(() -> template.render(scope()))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith("/config/a/1: The expression failed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ $pad('', 600000) }}{{ $pad('', 600000) }}",
        "{{ trigger.long }}",
        "x{{ trigger.wide }}",
        "{{ trigger.wide }}"
      })
  void a_string_or_a_tree_that_becomes_too_large_fails(String text) {
    ObjectNode names = Json.object();
    ObjectNode trigger = names.putObject("trigger").put("long", "x".repeat(1_048_577));
    ArrayNode wide = trigger.putArray("wide");
    for (int i = 0; i < 100_000; i++) {
      wide.add(i);
    }
    Scope scope = Scope.of(names, name -> Optional.empty());

    assertThatThrownBy(() -> parse(TextNode.valueOf(text)).render(scope))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith("/config: ");
  }

  @Test
  void many_values_that_are_too_large_together_fail() {
    ArrayNode config = Json.array();
    for (int i = 0; i < 10; i++) {
      config.add("{{ $pad('', 1000000) }}");
    }

    assertThatThrownBy(() -> parse(config).render(scope()))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("together");
  }

  @Test
  void many_expressions_that_take_too_long_together_fail() {
    ArrayNode config = Json.array();
    for (int i = 0; i < 1000; i++) {
      // each is within its own time, and all of them would take half a minute
      config.add("{{ [1..20].($count($map([1..10000], function($x){ $x }))) }}");
    }

    assertThatThrownBy(() -> parse(config).render(scope())).isInstanceOf(ExpressionException.class);
  }

  @Test
  void constant_texts_of_any_length_are_rendered() {
    String text = "x".repeat(1_100_000);

    assertThat(parse(TextNode.valueOf(text)).render(scope()).textValue()).isEqualTo(text);
  }
}
