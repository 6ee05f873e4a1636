package io.stepwell.expression;

import static io.stepwell.expression.Scopes.json;
import static io.stepwell.expression.Scopes.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

  private static Condition parse(String config) {
    List<TemplateError> errors = new ArrayList<>();
    Condition condition = Condition.parse(json(config), "/config", errors);
    assertThat(errors).isEmpty();
    return condition;
  }

  private static List<String> errors(String config) {
    List<TemplateError> errors = new ArrayList<>();
    Condition.parse(json(config), "/config", errors);
    assertThat(errors).extracting(TemplateError::detail).allMatch(d -> !d.isBlank());
    return errors.stream().map(TemplateError::pointer).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          {'field': 'trigger.name', 'operator': 'equals', 'value': 'Ada'}                   § true
          {'field': 'trigger.name', 'operator': 'equals', 'value': '{{ trigger.name }}'}    § true
          {'field': 'trigger.name', 'operator': 'equals', 'value': 'A{{ \\'d\\' }}a'}           § true
          {'field': 'trigger.count', 'operator': 'equals', 'value': '{{ 1 + 2 }}'}          § true
          {'field': 'trigger.tags', 'operator': 'equals', 'value': ['x', '{{ \\'y\\' }}']}      § true
          {'field': 'trigger.missing', 'operator': 'equals', 'value': null}                 § true
          {'field': 'trigger.count + 1', 'operator': 'greater_than', 'value': 3}            § true
          {'field': 'trigger.items[0].qty', 'operator': 'less_than', 'value': 2}            § false
          {'field': 'trigger.missing.deep', 'operator': 'greater_than', 'value': 3}         § false
          {'field': 'trigger.name', 'operator': 'exists'}                                   § true
          {'field': 'trigger.name', 'operator': 'exists', 'value': 'ignored {{'}            § true
          {'field': 'trigger.missing', 'operator': 'not_exists', 'value': null}             § true
          {'field': 'trigger.no', 'operator': 'is_empty'}                                   § true
          {'field': 'trigger.name', 'operator': 'matches', 'value': '^A[a-z]+$'}            § true
          {'field': 'trigger.name', 'operator': 'matches', 'value': 'd'}                    § true
          {'field': 'trigger.count', 'operator': 'matches', 'value': '3'}                   § false
          {'field': 'trigger.name', 'operator': 'matches', 'value': '^{{ trigger.name }}$'} § true
          {'field': '\\'{{\\'', 'operator': 'matches', 'value': '^[\\\\{{]+$'}                  § true
          {'expression': 'trigger.count > 2 and trigger.flag'}                              § true
          {'expression': 'trigger.name'}                                                    § false
          {'expression': 'trigger.missing'}                                                 § false
          {'all': [{'expression': 'true'}, {'expression': '1 = 1'}]}                        § true
          {'all': [{'expression': 'true'}, {'expression': 'false'}]}                        § false
          {'any': [{'expression': 'false'}, {'expression': 'true'}]}                        § true
          {'any': [{'expression': 'false'}]}                                                § false
          {'not': {'expression': 'false'}}                                                  § true
          {'not': {'any': [{'expression': 'false'}, {'all': [{'expression': 'true'}]}]}}    § false
          """)
  void a_condition_holds_or_not(String config, boolean expected) {
    assertThat(parse(config).test(scope())).isEqualTo(expected);
  }

  @Test
  void a_list_is_looked_at_only_until_it_is_decided() {
    String fails = "{'expression': '1 + trigger.name'}";

    assertThat(parse("{'all': [{'expression': 'false'}, " + fails + "]}").test(scope())).isFalse();
    assertThat(parse("{'any': [{'expression': 'true'}, " + fails + "]}").test(scope())).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          {'expression': '1 + trigger.name'}                                      § /config/expression: The
          {'field': '1 + trigger.name', 'operator': 'exists'}                     § /config: The
          {'field': 'trigger.nested', 'operator': 'greater_than', 'value': 5}     § /config: There is no order
          {'field': 'trigger.name', 'operator': 'equals', 'value': ['{{ 1+\\'a\\' }}']} § /config/value/0: The
          {'field': 'trigger.name', 'operator': 'matches', 'value': '{{ \\'(\\' }}'}  § /config: The pattern
          {'any': [{'not': {'expression': '1 + trigger.name'}}]}                  § /config/any/0/not/expression: The
          """)
  void a_failure_names_its_place(String config, String message) {
    assertThatThrownBy(() -> parse(config).test(scope()))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          'text'                                                               § /config
          []                                                                   § /config
          {}                                                                   § /config/field,/config/operator
          {'field': 'a'}                                                       § /config/operator
          {'operator': 'equals', 'value': 1}                                   § /config/field
          {'field': 'a', 'operator': 'equals'}                                 § /config/value
          {'field': 'a', 'operator': 'like', 'value': 1}                       § /config/operator
          {'field': 'a', 'operator': 'EQUALS', 'value': 1}                     § /config/operator
          {'field': 'a', 'operator': 7, 'value': 1}                            § /config/operator
          {'field': 7, 'operator': 'exists'}                                   § /config/field
          {'field': '', 'operator': 'exists'}                                  § /config/field
          {'field': '{{ a }}', 'operator': 'exists'}                           § /config/field
          {'field': 'a +', 'operator': 'nope', 'value': '{{'}                  § /config/field,/config/operator,/config/value
          {'field': 'a', 'operator': 'equals', 'value': {'x': ['{{ 1 + }}']}}  § /config/value/x/0
          {'field': 'a', 'operator': 'matches', 'value': '('}                  § /config/value
          {'field': 'a', 'operator': 'matches', 'value': 7}                    § /config/value
          {'field': 'a', 'operator': 'matches', 'value': '{{'}                 § /config/value
          {'field': 'a', 'operator': 'exists', 'extra': 1}                     § /config/extra
          {'field': 'a', 'operator': 'exists', 'a/b': 1, 'then': []}           § /config/a~1b,/config/then
          {'field': 'a', 'operator': 'exists', 'expression': 'true'}           § /config
          {'all': [{'expression': 'true'}], 'any': [{'expression': 'true'}]}   § /config
          {'expression': 'true', 'operator': 'equals', 'value': 1}             § /config/operator,/config/value
          {'expression': true}                                                 § /config/expression
          {'expression': '/a/'}                                                § /config/expression
          {'all': []}                                                          § /config/all
          {'any': {'expression': 'true'}}                                      § /config/any
          {'all': [{'expression': '1 +'}, {'not': 'x'}, {'any': []}]}          § /config/all/0/expression,/config/all/1/not,/config/all/2/any
          {'not': [{'expression': 'true'}]}                                    § /config/not
          """)
  void what_is_wrong_is_collected_with_pointers(String config, String pointers) {
    assertThat(errors(config)).containsExactlyInAnyOrder(pointers.split(","));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'not': ", "'all': ["})
  void conditions_nest_sixteen_levels(String form) {
    String close = form.endsWith("[") ? "]}" : "}";
    String fifteen = ("{" + form).repeat(15) + "{'expression': 'true'}" + close.repeat(15);
    String sixteen = ("{" + form).repeat(16) + "{'expression': 'true'}" + close.repeat(16);

    assertThat(errors(fifteen)).isEmpty();
    assertThat(errors(sixteen)).hasSize(1);
  }
}
