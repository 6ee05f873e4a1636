package io.stepwell.expression;

import static io.stepwell.expression.Scopes.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorTest {

  private static JsonNode value(String text) {
    return text.equals("absent") ? MissingNode.getInstance() : json(text);
  }

  private static boolean test(String operator, String field, String value) {
    return Operator.named(operator).orElseThrow().test(value(field), value(value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'a'               | equals     | 'a'               | true
          'a'               | equals     | 'A'               | false
          1                 | equals     | 1.0               | true
          1                 | equals     | 1e0               | true
          0.1               | equals     | 0.10              | true
          9007199254740993  | equals     | 9007199254740992  | false
          9007199254740993  | equals     | 9007199254740993.0| true
          123456789012345678901234567890 | equals | 123456789012345678901234567890 | true
          1                 | equals     | '1'               | false
          true              | equals     | true              | true
          true              | equals     | 1                 | false
          null              | equals     | null              | true
          absent            | equals     | null              | true
          absent            | equals     | ''                | false
          null              | equals     | false             | false
          [1, {'a': 2}]     | equals     | [1.0, {'a': 2.00}]| true
          [1, 2]            | equals     | [2, 1]            | false
          [1]               | equals     | [1, 1]            | false
          {'a': 1, 'b': 2}  | equals     | {'b': 2, 'a': 1}  | true
          {'a': 1}          | equals     | {'b': 1}          | false
          {'a': 1}          | equals     | {'a': 1, 'b': 1}  | false
          {'a': null}       | equals     | {'b': null}       | false
          'abc'             | contains   | 'b'               | true
          'abc'             | contains   | ''                | true
          'abc'             | contains   | 'x'               | false
          'a1c'             | contains   | 1                 | false
          ['a', 1]          | contains   | 1.0               | true
          ['a', [1]]        | contains   | [1]               | true
          ['ab']            | contains   | 'a'               | false
          [null]            | contains   | null              | true
          []                | contains   | null              | false
          {'a': null}       | contains   | 'a'               | true
          {'a': 1}          | contains   | 1                 | false
          absent            | contains   | 'a'               | false
          5                 | contains   | 5                 | false
          true              | contains   | true              | false
          'a'               | in         | ['a', 'b']        | true
          1                 | in         | [1.0]             | true
          'c'               | in         | ['a', 'b']        | false
          'a'               | in         | 'abc'             | true
          1                 | in         | '123'             | false
          absent            | in         | ['a']             | false
          absent            | in         | [null]            | true
          'a'               | in         | {'a': 1}          | false
          'a'               | in         | null              | false
          1                 | in         | 1                 | false
          'abc'             | exists     | null              | true
          ''                | exists     | null              | true
          false             | exists     | null              | true
          0                 | exists     | null              | true
          []                | exists     | null              | true
          null              | exists     | null              | false
          absent            | exists     | null              | false
          absent            | is_empty   | null              | true
          null              | is_empty   | null              | true
          ''                | is_empty   | null              | true
          []                | is_empty   | null              | true
          {}                | is_empty   | null              | true
          ' '               | is_empty   | null              | false
          0                 | is_empty   | null              | false
          false             | is_empty   | null              | false
          [null]            | is_empty   | null              | false
          {'a': null}       | is_empty   | null              | false
          """)
  void an_operator_and_its_negation_always_disagree(
      String field, String operator, String value, boolean expected) {
    String negation = operator.equals("is_empty") ? "is_not_empty" : "not_" + operator;

    assertThat(test(operator, field, value)).isEqualTo(expected);
    assertThat(test(negation, field, value)).isEqualTo(!expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          2                 | 10                |  less
          2.5               | 2.50              |  same
          9007199254740993  | 9007199254740992  |  more
          1e300             | 123456789012345678901234567890 | more
          -1                | 0.5               |  less
          'a'               | 'b'               |  less
          'a'               | 'aa'              |  less
          'B'               | 'a'               |  less
          '10'              | '9'               |  less
          'x'               | 'x'               |  same
          ''                | 'a'               |  less
          '\\uFFFD'          | '\\uD83D\\uDE00'    |  less
          '\\uD83D\\uDE00'    | '\\uD83D\\uDE01'    |  less
          1                 | '1'               |  none
          'a'               | null              |  none
          absent            | 1                 |  none
          1                 | absent            |  none
          absent            | null              |  none
          true              | 1                 |  none
          'a'               | true              |  none
          """)
  void numbers_order_by_value_strings_by_code_point_and_other_pairs_not_at_all(
      String left, String right, String order) {
    assertThat(test("less_than", left, right)).isEqualTo(order.equals("less"));
    assertThat(test("greater_than", left, right)).isEqualTo(order.equals("more"));
    assertThat(test("less_than_or_equal", left, right)).isEqualTo(!order.matches("more|none"));
    assertThat(test("greater_than_or_equal", left, right)).isEqualTo(!order.matches("less|none"));
    assertThat(test("less_than", right, left)).isEqualTo(order.equals("more"));
    assertThat(test("greater_than", right, left)).isEqualTo(order.equals("less"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {}       | {}
          {'a': 1} | 1
          1        | {'a': 1}
          [1]      | [2]
          [1]      | 1
          absent   | []
          true     | false
          """)
  void what_has_no_order_fails(String left, String right) {
    for (String operator :
        new String[] {"less_than", "less_than_or_equal", "greater_than", "greater_than_or_equal"}) {
      assertThatThrownBy(() -> test(operator, left, right))
          .isInstanceOf(ExpressionException.class)
          .hasMessageContaining(operator);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          'abc' | starts_with | 'ab'  | true
          'abc' | starts_with | ''    | true
          'abc' | starts_with | 'b'   | false
          123   | starts_with | '1'   | false
          '123' | starts_with | 1     | false
          ['a'] | starts_with | 'a'   | false
          absent| starts_with | ''    | false
          'abc' | ends_with   | 'bc'  | true
          'abc' | ends_with   | 'b'   | false
          absent| ends_with   | 'b'   | false
          'abc' | matches     | '^a.c$' | true
          'xabcx' | matches   | 'b'   | true
          'abc' | matches     | '^b'  | false
          123   | matches     | '1'   | false
          '1'   | matches     | 1     | false
          absent| matches     | '.*'  | false
          """)
  void what_is_for_strings_is_false_for_all_else(
      String field, String operator, String value, boolean expected) {
    assertThat(test(operator, field, value)).isEqualTo(expected);
  }

  @Test
  void a_search_that_would_take_minutes_fails() {
    JsonNode text = TextNode.valueOf("a".repeat(4_000_000));
    JsonNode part = TextNode.valueOf("a".repeat(2_000_000) + "b");

    assertThatThrownBy(() -> Operator.CONTAINS.test(text, part))
        .isInstanceOf(ExpressionException.class);
    assertThatThrownBy(() -> Operator.IN.test(part, text)).isInstanceOf(ExpressionException.class);
  }
}
