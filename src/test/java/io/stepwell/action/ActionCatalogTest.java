package io.stepwell.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionCatalog.Candidate;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActionCatalogTest {
  private static final ObjectNode SCHEMA =
      json(
          """
          {"type": "object", "additionalProperties": false, "required": ["durationMs"],
           "properties": {
             "durationMs": {"type": "integer", "minimum": 0},
             "priority": {"enum": ["LOW", "HIGH"]},
             "query": {"additionalProperties": {"anyOf": [
               {"type": "string"}, {"type": "array", "items": {"type": "number"}}]}}}}\
          """);

  @Test
  void types_are_found_and_listed_in_alphabetical_order() {
    ActionCatalog catalog =
        ActionCatalog.of(List.of(candidate("a.B", "wait"), candidate("a.A", "call_api")));

    assertThat(catalog.all())
        .extracting(RegisteredAction::type)
        .containsExactly("call_api", "wait");
    assertThat(catalog.find("wait")).map(RegisteredAction::configSchema).contains(SCHEMA);
    assertThat(catalog.find("waits")).isEmpty();
  }

  @Test
  void two_beans_of_one_type_stop_the_start_with_both_names() {
    List<Candidate> twice =
        List.of(
            candidate("com.example.One", "custom_action"),
            candidate("com.example.Two", "custom_action"));

    assertThatThrownBy(() -> ActionCatalog.of(twice))
        .hasMessageContainingAll("custom_action", "com.example.One", "com.example.Two");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Custom", "1st", "custom-action", "_x", "a.b"})
  void a_type_out_of_pattern_stops_the_start(String type) {
    assertThatThrownBy(() -> ActionCatalog.of(List.of(candidate("com.example.One", type))))
        .hasMessageContaining("com.example.One");
  }

  @Test
  void a_type_has_at_most_63_characters() {
    assertThat(ActionCatalog.of(List.of(candidate("a.B", "x".repeat(63)))).all()).hasSize(1);
    assertThatThrownBy(() -> ActionCatalog.of(List.of(candidate("a.B", "x".repeat(64)))))
        .hasMessageContaining("a.B");
  }

  @Test
  void a_config_schema_that_is_none_stops_the_start() {
    Candidate candidate =
        new Candidate("com.example.One", "custom_action", new Handler(json("{\"type\": 1}")));

    assertThatThrownBy(() -> ActionCatalog.of(List.of(candidate)))
        .hasMessageContainingAll("com.example.One", "/type");
  }

  @Test
  void an_expression_may_become_anything_until_it_has_its_value() {
    ObjectNode config =
        json(
            """
            {"durationMs": "{{ trigger.ms }}", "priority": "{{ trigger.p }}",
             "query": {"ids": [1, "{{ trigger.id }}"]}}\
            """);

    assertThat(action().staticViolations(config, "/c")).isEmpty();
    assertThat(action().violations(config, "/c"))
        .extracting(Problem::pointer)
        .contains("/c/durationMs", "/c/priority", "/c/query/ids/1");
  }

  @Test
  void what_no_value_of_an_expression_mends_is_said_at_once() {
    ObjectNode config =
        json("{\"priority\": \"TOP\", \"more\": \"{{ trigger.x }}\", \"query\": [\"{{ a }}\"]}");

    assertThat(action().staticViolations(config, "/c"))
        .extracting(Problem::pointer)
        .contains("/c/durationMs", "/c/priority", "/c/more");
  }

  private static RegisteredAction action() {
    return ActionCatalog.of(List.of(candidate("a.B", "x"))).find("x").orElseThrow();
  }

  private static Candidate candidate(String className, String type) {
    return new Candidate(className, type, new Handler(SCHEMA));
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) Json.read(text);
  }

  private record Handler(ObjectNode configSchema) implements ActionHandler {
    @Override
    public ActionResult handle(ActionContext context) {
      return ActionResult.success(Json.object());
    }
  }
}
