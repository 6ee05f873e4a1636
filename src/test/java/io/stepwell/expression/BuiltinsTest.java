package io.stepwell.expression;

import static io.stepwell.expression.Scopes.evaluate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.kernel.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BuiltinsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          $substring("hello world", 3, 5)              § "lo wo"
          $substring("hello", -3)                      § "llo"
          $substring("hello", -9, 2)                   § "he"
          $substring("hello", 9)                       § ""
          $substring("hello", 1, -2)                   § ""
          $substring("hello", 1, 99)                   § "ello"
          $substring(trigger.emoji, 1, 1)              § "\uD83D\uDE00"
          $substring(trigger.emoji, 2)                 § "b"
          trigger.name.$substring(1)                   § "da"
          $substring(?, 0, 2)("hello")                 § "he"
          $substringBefore("a-b-c", "-")               § "a"
          $substringBefore("abc", "-")                 § "abc"
          $substringAfter("a-b-c", "-")                § "b-c"
          $substringAfter("abc", "-")                  § "abc"
          $pad("foo", 5) & "|"                         § "foo  |"
          $pad("foo", -5)                              § "  foo"
          $pad("foo", -5, "#")                         § "##foo"
          $pad("foo", 8, "-+")                         § "foo-+-+-"
          $pad("foo", 2)                               § "foo"
          $pad("", 3, trigger.emoji)                   § "a\uD83D\uDE00b"
          $contains("abracadabra", "bra")              § true
          $contains("abracadabra", "x")                § false
          $replace("a.b.c", ".", "-")                  § "a-b-c"
          $replace("a.b.c", ".", "$1", 1)              § "a$1b.c"
          $replace("a.b.c", ".", "-", 0)               § "a.b.c"
          $replace("aaa", "aa", "b")                   § "ba"
          $split("so many words", " ")                 § ["so","many","words"]
          $split("so many words", " ", 2)              § ["so","many"]
          $split("a.b.", ".")                          § ["a","b",""]
          $split(trigger.emoji, "")                    § ["a","\uD83D\uDE00","b"]
          $split("abc", "", 2)                         § ["a","b"]
          $split("abc", "b", 0)                        § []
          $join(["a","b","c"])                         § "abc"
          $join(["a","b","c"], ", ")                   § "a, b, c"
          $join(["","",""], "-")                       § "--"
          $join("a", "-")                              § "a"
          $string(5.0)                                 § "5"
          $string({"a": [1, null]})                    § "{\\"a\\":[1,null]}"
          $string([1], true)                           § "[\\n  1\\n]"
          $string("x")                                 § "x"
          $abs(-5)                                     § 5
          $abs(-1.5)                                   § 1.5
          $abs(0 - trigger.price)                      § 19.9
          $round(123.456, 2)                           § 123.46
          $round(2.5)                                  § 2
          $round(1234, -2)                             § 1200
          $formatNumber(12345.6, "#,###.00")           § "12,345.60"
          $formatInteger(2789, "w")                    § "two thousand, seven hundred and eighty-nine"
          $parseInteger("1,234", "#,##0")              § 1234
          $toMillis("1970-01-01T00:00:00.001Z")        § 1
          $toMillis("02/01/1970", "[D01]/[M01]/[Y0001]") § 86400000
          $fromMillis(1510067557121)                   § "2017-11-07T15:12:37.121Z"
          $fromMillis(1510067557121, "[M01]/[D01]/[Y0001] [h#1]:[m01][P]") § "11/07/2017 3:12pm"
          $fromMillis(0, "[H01]:[m01] [z]", "-0500")   § "19:00 GMT-05:00"
          $append([1,2], 3)                            § [1,2,3]
          $append(trigger.missing, [1])                § [1]
          $append(1, trigger.missing)                  § 1
          $reduce([[1],[2,3]], $append)                § [1,2,3]
          $spread({"a": 1, "b": 2})                    § [{"a":1},{"b":2}]
          $spread([{"a": 1}, {"b": 2, "c": 3}, 4])     § [{"a":1},{"b":2},{"c":3},4]
          $spread("x")                                 § "x"
          $distinct([1, 2, 1, "a", "a", [1], [1]])     § [1,2,"a",[1]]
          $distinct(5)                                 § 5
          $sort([3, 1.5, 2])                           § [1.5,2,3]
          $sort(["b", "a"])                            § ["a","b"]
          $sort(trigger.items.cost)                    § [1.5,4]
          $sort([3, 1, 2], function($a, $b){ $a < $b })§ [3,2,1]
          $map(["a", "b"], $uppercase)                 § ["A","B"]
          ["a", "b"] ~> $join("-")                     § "a-b"
          ($up := $uppercase ~> $substring(?, 0, 1); $up("abc")) § "A"
          """)
  void a_function_does_what_jsonata_says(String source, String expected) {
    assertThat(Json.write(evaluate(source))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$substring(trigger.missing, 1)",
        "$substringBefore(trigger.missing, '-')",
        "$substringAfter(trigger.missing, '-')",
        "$pad(trigger.missing, 5)",
        "$contains(trigger.missing, 'a')",
        "$replace(trigger.missing, 'a', 'b')",
        "$split(trigger.missing, 'a')",
        "$join(trigger.missing)",
        "$string(trigger.missing)",
        "$abs(trigger.missing)",
        "$round(trigger.missing)",
        "$toMillis(trigger.missing)",
        "$fromMillis(trigger.missing)",
        "$formatNumber(trigger.missing, '0')",
        "$parseInteger(trigger.missing, '0')",
        "$distinct(trigger.missing)",
        "$sort(trigger.missing)",
        "$toMillis('not a time', '[Y]')"
      })
  void nothing_in_gives_nothing_out(String source) {
    assertThat(evaluate(source).isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      textBlock =
          """
          $match("a", "b")                           § regular expressions
          $replace("a", "", "b")                     § empty string
          $replace("a", "b", "c", -1)                § negative
          $split("a", "b", -1)                       § negative
          $contains("a", trigger.missing)            § absent
          $sort([1, "a"])                            § sorts only
          $sort([{"a": 1}, {"a": 2}])                § sorts only
          $toMillis("yesterday")                     § wrong kind
          $parseInteger("1", "#")                    § not supported
          $contains("a", function($x){ $x })         § wrong kind
          """)
  void a_wrong_argument_is_a_failure(String source, String reason) {
    assertThatThrownBy(() -> evaluate(source))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining(reason);
  }
}
