package io.stepwell.action.builtin;

import static io.stepwell.action.builtin.Steps.json;
import static io.stepwell.action.builtin.Steps.step;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.action.ActionResult;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.Scope;
import io.stepwell.expression.TemplateError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionActionTest {
  private final ConditionAction handler = new ConditionAction();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'field': 'trigger.userType', 'operator': 'equals', 'value': 'premium'}      | true",
        "{'field': 'trigger.userType', 'operator': 'equals', 'value': 'free'}         | false",
        "{'field': 'trigger.n', 'operator': 'greater_than', 'value': '{{ trigger.m }}'} | true",
        "{'expression': 'trigger.n > 5'}                                              | false",
        "{'not': {'any': [{'expression': 'trigger.n = 5'}]}}                          | true",
      })
  void the_rendered_config_is_the_answer_and_the_output(String config, boolean expected) {
    List<TemplateError> errors = new ArrayList<>();
    ConfigTemplate template = handler.template(json(config), "/config", errors);
    assertThat(errors).isEmpty();

    JsonNode answer =
        template.render(
            Scope.of(
                json("{'trigger': {'userType': 'premium', 'n': 3, 'm': 2}}"),
                name -> Optional.empty()));

    assertThat(answer).isEqualTo(json("{'result': " + expected + "}"));
    assertThat(handler.handle(step(json("{'result': " + expected + "}"))))
        .isEqualTo(ActionResult.success(answer));
  }

  @Test
  void what_is_wrong_is_found_when_the_config_is_parsed() {
    List<TemplateError> errors = new ArrayList<>();

    handler.template(json("{'field': 'trigger.x', 'operator': 'like'}"), "/config", errors);

    assertThat(errors).extracting(TemplateError::pointer).contains("/config/operator");
  }

  @Test
  void nothing_outside_happens() {
    assertThat(handler.hasOutsideEffect()).isFalse();
  }

  @Test
  void every_operator_of_the_schema_is_one_of_the_language() {
    for (JsonNode operator : handler.configSchema().at("/properties/operator/enum")) {
      List<TemplateError> errors = new ArrayList<>();
      String config = "{'field': 'trigger.x', 'operator': '%s', 'value': 'x'}";
      handler.template(json(config.formatted(operator.textValue())), "", errors);
      assertThat(errors).as(operator.textValue()).isEmpty();
    }
    assertThat(handler.configSchema().at("/properties/operator/enum")).hasSize(17);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'field': 'trigger.userType', 'operator': 'equals', 'value': 'premium'}",
        "{'field': 'trigger.x', 'operator': 'exists'}",
        "{'field': 'trigger.x', 'operator': 'in', 'value': [1, '{{ trigger.y }}']}",
        "{'expression': 'trigger.n > 5'}",
        "{'all': [{'not': {'expression': 'true'}}, {'any': [{'expression': 'true'}]}]}",
      })
  void a_right_config_passes(String config) {
    assertThat(Steps.staticViolations(handler, config)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'field': 'trigger.x'}",
        "{'operator': 'exists'}",
        "{'field': 'trigger.x', 'operator': 'like', 'value': 1}",
        "{'field': 'trigger.x', 'operator': 'exists', 'expression': 'true'}",
        "{'all': []}",
        "{'all': [{}]}",
        "{'all': [{'expression': 'true'}], 'any': [{'expression': 'true'}]}",
        "{'not': {'expression': 1}}",
        "{'expresion': 'true'}",
      })
  void the_schema_refuses_what_the_language_refuses(String config) {
    List<TemplateError> errors = new ArrayList<>();
    handler.template(json(config), "", errors);

    assertThat(Steps.staticViolations(handler, config)).isNotEmpty();
    assertThat(errors).isNotEmpty();
  }
}
