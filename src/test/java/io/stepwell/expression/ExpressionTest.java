package io.stepwell.expression;

import static io.stepwell.expression.Scopes.evaluate;
import static io.stepwell.expression.Scopes.json;
import static io.stepwell.expression.Scopes.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      textBlock =
          """
          trigger.name                                  § "Ada"
          ' trigger.name '                              § " trigger.name "
          trigger.nested                                § {"a":{"b":"deep"}}
          trigger.nested.a.b                            § "deep"
          trigger.tags                                  § ["x","y"]
          trigger.one                                   § [7]
          trigger.no                                    § []
          trigger.none                                  § null
          trigger.tags[0]                               § "x"
          trigger.items.sku                             § ["p","q"]
          trigger.items[qty > 1].sku                    § "p"
          trigger.items.(qty * cost)                    § [3,4]
          $sum(trigger.items.(qty * cost))              § 7
          trigger.items[-1].sku                         § "q"
          trigger.items^(>cost).sku                     § ["q","p"]
          trigger.items{sku: qty}                       § {"p":2,"q":1}
          trigger.rows.$count($)                        § [2,1,0]
          {"n": trigger.name, "no": trigger.missing}    § {"n":"Ada"}
          trigger.missing ?? "x"                        § "x"
          trigger.name ?: "x"                           § "Ada"
          trigger.count = 3 ? "three" : "other"         § "three"
          1+1                                           § 2
          7/2                                           § 3.5
          -trigger.count                                § -3
          "a" & 1 & true & null & trigger.missing       § "a1truenull"
          trigger.name & " " & trigger.price            § "Ada 19.90"
          steps.greet.output.id                         § 7
          $uppercase(user.id)                           § "USER_123"
          trigger.nested ~> |a|{"c": 1}|                § {"a":{"b":"deep","c":1}}
          ($f := function($n){ $n < 2 ? 1 : $n * $f($n-1) }; $f(6)) § 720
          $map(trigger.tags, function($v, $i){ $v & $i })           § ["x0","y1"]
          $filter([1..5], function($v){ $v % 2 = 0 })               § [2,4]
          $reduce([1..4], function($a, $b){ $a + $b })              § 10
          $sort(trigger.items, function($a, $b){ $a.cost < $b.cost }).sku § ["q","p"]
          trigger.items@$i.{"s": $i.sku}                            § [{"s":"p"},{"s":"q"}]
          trigger.items#$i.{"i": $i}                                § [{"i":0},{"i":1}]
          trigger.nested.a.b.%.%.a.b                                § "deep"
          $keys(trigger.nested)                                     § "a"
          """)
  void an_expression_gives_the_value_that_jsonata_says(String source, String expected) {
    String value = evaluate(source).toString();

    assertThat(value).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trigger.missing",
        "missing.at.all",
        "trigger.name.first",
        "trigger.none.x",
        "trigger.tags[9]",
        "trigger.missing.deeper[0].still",
        "trigger.missing + 1",
        "trigger.items[sku = 'none']"
      })
  void a_missing_path_is_absent_and_no_error(String source) {
    assertThat(evaluate(source).isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"big", "huge", "tiny", "price"})
  void a_number_that_is_only_passed_on_keeps_its_digits(String name) {
    var original = Scopes.json(Scopes.NAMES).at("/trigger/" + name);

    assertThat(evaluate("trigger." + name)).isEqualTo(original);
    assertThat(evaluate("{'n': trigger." + name + "}").get("n")).isEqualTo(original);
    assertThat(evaluate("$string(trigger." + name + ")").textValue()).isEqualTo(original.asText());
  }

  @ParameterizedTest
  @CsvSource({
    "true,true",
    "trigger.flag,true",
    "1 = 1,true",
    "false,false",
    "1,false",
    "'\"true\"',false",
    "trigger.name,false",
    "trigger.missing,false",
    "trigger.none,false",
    "[true],false"
  })
  void only_json_true_is_true(String source, boolean expected) {
    assertThat(Expression.parse(source).isTrue(scope())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "trigger.",
        "1 +",
        "(1",
        "[1",
        "{\"a\": 1",
        "\"open",
        "'open",
        "`open",
        "trigger..name",
        "a b",
        ")",
        "$f(",
        "1 1",
        "@",
        "a.1",
        "function($x",
        "\"\\q\"",
        "a[",
        "|a|",
        "/* open",
        "!",
        "/",
        "%"
      })
  void a_broken_source_is_refused_with_a_message(String source) {
    assertThatThrownBy(() -> Expression.parse(source))
        .isInstanceOf(ExpressionSyntaxException.class)
        .message()
        .isNotBlank();
  }

  @Test
  void a_syntax_error_names_its_place() {
    assertThatThrownBy(() -> Expression.parse("1 + )")).hasMessageStartingWith("Near character ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      textBlock =
          """
          1 + "a"                  § The right side of the "+" operator must evaluate to a number
          $sum("a")                § The expression failed
          $substring(1, 2)         § a function was given an argument of the wrong kind
          $error("out of stock")   § out of stock
          $assert(false, "no way") § no way
          $nothing(1)              § non-function
          function($x){$x}         § holds a function
          {"f": $uppercase}        § holds a function
          $number("abc")           § wrong kind
          $power(10, 400)          § The expression failed
          1/0                      § The expression failed
          "\\ud800"                 § lone surrogate
          "\\u0000"                 § U+0000
          {"\\ud800": 1}            § lone surrogate
          """)
  void a_failure_says_what_went_wrong(String source, String reason) {
    assertThatThrownBy(() -> evaluate(source))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void a_long_message_is_cut() {
    assertThatThrownBy(() -> evaluate("$error($pad('', 5000, 'x'))"))
        .isInstanceOf(ExpressionException.class)
        .extracting(e -> e.getMessage().length())
        .matches(length -> (int) length < 400);
  }

  @Test
  void evaluating_changes_nothing_in_the_scope() {
    var names = (ObjectNode) json(Scopes.NAMES);
    var scope = Scope.of(names, name -> Optional.empty());

    for (String source :
        new String[] {
          "trigger ~> |items|{'x': 1}, ['sku']|",
          "trigger.rows.{'n': $}",
          "$append(trigger.tags, trigger.no)",
          "$sort(trigger.tags, function($a,$b){$a<$b})",
          "trigger.no{'a': 1}"
        }) {
      Expression.parse(source).evaluate(scope);
    }

    assertThat(names).isEqualTo(json(Scopes.NAMES));
    assertThat(Expression.parse("trigger.rows").evaluate(scope)).isEqualTo(json("[[1,2],[3],[]]"));
  }

  @Test
  void now_is_the_time_of_this_evaluation_whatever_ran_before_on_the_thread() {
    Expression first = Expression.parse("1 + 1");
    Expression millis = Expression.parse("$millis()");
    first.evaluate(scope());
    long before = System.currentTimeMillis();
    while (System.currentTimeMillis() <= before + 1) {
      Thread.onSpinWait();
    }

    long seen = millis.evaluate(scope()).longValue();
    Instant now = Instant.parse(evaluate("$now()").textValue());

    assertThat(seen).isGreaterThan(before);
    assertThat(now.toEpochMilli()).isGreaterThan(before);
    assertThat(evaluate("$millis() = $millis()").booleanValue()).isTrue();
  }

  @Test
  void a_result_can_be_written_as_json() {
    assertThat(Json.write(evaluate("[1, 1.5, 'a', null, true, {'b': []}, trigger.no, $$.user]")))
        .isEqualTo("[1,1.5,\"a\",null,true,{\"b\":[]},{\"id\":\"user_123\"}]");
  }
}
