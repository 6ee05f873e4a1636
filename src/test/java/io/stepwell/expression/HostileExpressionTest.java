package io.stepwell.expression;

import static io.stepwell.expression.Scopes.evaluate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of these takes seconds, or gigabytes, or for ever, when nothing bounds it. */
class HostileExpressionTest {
  /** Far over the bound of 250 ms, for slow machines; far below what the library would take. */
  private static final Duration SOON = Duration.ofSeconds(30);

  @ParameterizedTest
  @ValueSource(
      strings = {
        // time
        "($f := function(){ $f() }; $f())",
        "($f := function($n){ $f($n + 1) }; $f(0))",
        "$map([1..1000], function($x){ $map([1..1000], function($y){ $x * $y }) })",
        "[1..100000].([1..100000].($ * 2))",
        "$sort([1..100000], function($a, $b){ $sum([1..1000]) > $a })",
        // depth
        "($f := function($n){ 1 + $f($n + 1) }; $f(0))",
        "($f := function($n){ [$f($n + 1)] }; $f(0))",
        "$reduce([1..5000], function($a, $i){ [[$a]] })",
        "$reduce([1..5000], function($a, $i){ {'a': $a} }, {})",
        // memory: strings
        "$pad('', 1000000000)",
        "$pad('', -1000000000)",
        "$pad('', 9223372036854775807)",
        "$reduce([1..64], function($a, $i){ $a & $a }, 'x')",
        "$map([1..100000], function($i){ $pad('', 1000000) })",
        "$map([1..100000].('a'), $pad)",
        "$replace($pad('', 100000, 'a'), 'a', $pad('', 100000, 'b'))",
        "($s := $pad('', 100000); $join($map([1..100000], function($i){ $s }), ','))",
        "($s := $pad('', 1000000); $join([1..100].($string($)), $s))",
        "$split($pad('', 1000000, 'a'), '')",
        "($s := $pad('', 1000000, 'a'); $contains($s, $pad('', 500000, 'a') & 'b'))",
        // memory: arrays
        "[1..10000000]",
        "$count([1..10000000])",
        "$string([1..10000000])",
        "[1..100000].([1..100000])",
        "[1..100000].[[1..100000]]",
        "$reduce([1..100000], $append)",
        "$reduce([1..64], function($a, $i){ $append($a, $a) }, [1..100])",
        "$map([1..100000], function($x){ $append([1..100000], 1) })",
        "$map([1..100000], function($x){ {'a': 1, 'b': [1..1000]} })",
        "([1..100000])@$a.([1..100000])@$b.[$a, $b]",
        "$merge([1..50000].{'k' & $: $})",
        "$distinct([1..100000].[[$]])",
        // parts that are shared, so that the whole is far larger than the memory it takes
        "$string($reduce([1..64], function($a, $i){ {'l': $a, 'r': $a} }, {}))",
        "'' & $reduce([1..64], function($a, $i){ [[$a], [$a]] }, [])",
        "($d := function(){ $reduce([1..40], function($a, $i){ {'l': $a, 'r': $a} }, {}) }; $d() ="
            + " $d())",
        "$distinct([1..2].$reduce([1..40], function($a, $i){ {'l': $a, 'r': $a} }, {}))",
        "$reduce([1..40], function($a, $i){ $a ~> |$|{'l': $a, 'r': $a}| }, {'x': 1})",
        "($s := $pad('', 1000000); '' & [1..100].[[$s]])",
        "$string($reduce([1..90], function($a, $i){ [[$a]] }, [1..90000]), true)",
        // extreme arguments
        "$round(1.5, 1000000000)",
        "$round(1.5, -1000000000)",
        "$fromMillis(0, '[Y,999999999]')",
        "$fromMillis(0, '[Y,9 9 9 9 9 9 9]')",
        "$formatInteger(1, $pad('', 100000, '0'))",
        "$formatInteger(2000000000, 'I')",
        "$toMillis('1111111111111111111111111111111111111111x', '[d][W][w][X][x][f][d][W][w]')",
        "$toMillis($pad('', 100000, '1'), '[Y]')",
        "$parseInteger($pad('', 100000, '1'), '0')"
      })
  void what_would_take_too_much_fails_soon(String source) {
    long start = System.nanoTime();

    assertThatThrownBy(() -> evaluate(source)).isInstanceOf(ExpressionException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }

  @Test
  void a_wildcard_over_a_wide_object_fails_soon() {
    ObjectNode names = Json.object();
    ObjectNode wide = names.putObject("trigger");
    for (int i = 0; i < 100_000; i++) {
      wide.putArray("k" + i).add(i);
    }
    Scope scope = Scope.of(names, name -> Optional.empty());
    long start = System.nanoTime();

    assertThatThrownBy(() -> Expression.parse("trigger.*").evaluate(scope))
        .isInstanceOf(ExpressionException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a/",
        "$match('a', /a/)",
        "$contains(trigger.name, /(a+)+$/)",
        "$replace('a', /a/, 'b')",
        "'a' ~> /a/",
        "trigger.items[sku ~> /p/]",
        "function($x){ $match($x, /a/) }",
        "($f := function(){ /a/ }; 1)",
        "[1, /a/]",
        "{'a': /a/}",
        "{/a/: 1}",
        "true ? /a/ : 1",
        "trigger ~> |a|{'b': /a/}|",
        "$contains(?, /a/)",
        "1 + /a/",
        "1 * /a/",
        "a and /a/",
        "a in /a/",
        "a.b ?? /a/",
        "$x := /a/",
        "* * /a/",
        "trigger.(/a/)",
        "a^(/a/)",
        "/* 1 */ /a/",
        "a\"b & /a/",
        "`x` = /a/"
      })
  void a_regular_expression_is_refused_wherever_it_stands(String source) {
    assertThatThrownBy(() -> Expression.parse(source))
        .isInstanceOf(ExpressionSyntaxException.class)
        .hasMessageContaining("regular expressions are not available");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6 / 2",
        "trigger.count/3",
        "(4) / 2",
        "[4][0] / 2",
        "$sum([4]) / 2",
        "{'a': 4}.a / 2",
        "trigger.items[0].qty / 2",
        "\"/a/\" = '/b/' ? 1 : 1 / 2",
        "`a/b` ?? 4 / 2",
        "/* /a/ */ 4 / 2",
        "trigger.count % 2 / 1"
      })
  void a_division_is_not_a_regular_expression(String source) {
    assertThat(evaluate(source).isNumber()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$eval('1')",
        "($e := $eval; 1)",
        "trigger.name.$eval()",
        "($__evaluate_entry := trigger.missing; 1)",
        "function($__evaluate_exit){ 1 }(1)",
        "trigger.items@$__evaluate_entry.sku",
        "function($x)<s+s+s+:s>{ $x }('a')",
        "λ($x)<n:n>{ $x }(1)",
        "trigger.name()",
        "string(1)"
      })
  void what_could_take_down_the_bounds_is_refused_at_parse(String source) {
    assertThatThrownBy(() -> Expression.parse(source))
        .isInstanceOf(ExpressionSyntaxException.class)
        .hasMessageStartingWith("At character ");
  }

  @Test
  void a_source_over_its_limits_is_refused_soon() {
    for (String source :
        new String[] {
          "1" + " ".repeat(8192),
          "(".repeat(8000),
          "-".repeat(8000) + "1",
          "a" + ".a".repeat(4095),
          "[".repeat(99) + "]".repeat(99),
          "(".repeat(60) + "a" + " ?: 1)".repeat(60),
          "(".repeat(60) + "a" + " ?? 1)".repeat(60),
          "a" + " ?? a".repeat(1000),
          "x ? 1 : ".repeat(1000) + "1",
          "function($x){".repeat(99)
        }) {
      long start = System.nanoTime();
      try {
        evaluate(source);
      } catch (ExpressionSyntaxException | ExpressionException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    }
    assertThatThrownBy(() -> Expression.parse("1" + " ".repeat(8192)))
        .hasMessageContaining("longer than 8192");
    assertThatThrownBy(() -> Expression.parse("(".repeat(60) + "a" + " ?: 1)".repeat(60)))
        .hasMessageContaining("?:");
  }

  @Test
  void defaults_in_reasonable_number_are_fine() {
    assertThat(evaluate("[" + "trigger.missing ?? 1, ".repeat(50) + "1]").size()).isEqualTo(51);
    assertThat(evaluate("((trigger.missing ?: trigger.none) ?: trigger.empty) ?: 'x'").asText())
        .isEqualTo("x");
  }

  @Test
  void data_of_the_size_of_a_request_is_handled() {
    ObjectNode names = Json.object();
    var items = names.putObject("trigger").putArray("items");
    for (int i = 0; i < 5_000; i++) {
      items.addObject().put("sku", "sku-" + i).put("qty", i % 7).put("note", "x".repeat(100));
    }
    Scope scope = Scope.of(names, name -> Optional.empty());

    assertThat(Expression.parse("$sum(trigger.items.qty)").evaluate(scope).isNumber()).isTrue();
    assertThat(Expression.parse("$count(trigger.items[qty = 3])").evaluate(scope).asInt())
        .isEqualTo(714);
    assertThat(Expression.parse("$string(trigger.items)").evaluate(scope).asText())
        .startsWith("[{\"sku\":\"sku-0\"");
    assertThat(Expression.parse("trigger.items{sku: qty}").evaluate(scope).size()).isEqualTo(5_000);
  }

  @Test
  void an_expression_that_failed_leaves_the_next_one_unharmed() {
    assertThatThrownBy(() -> evaluate("($f := function($n){ 1 + $f($n + 1) }; $f(0))"))
        .isInstanceOf(ExpressionException.class);

    assertThat(evaluate("($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(9))").asInt())
        .isEqualTo(9);
  }
}
