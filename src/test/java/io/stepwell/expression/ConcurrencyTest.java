package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private static final int THREADS = 200;
  private static final int TURNS = 20;

  @Test
  void one_expression_serves_many_threads_each_with_its_own_scope() throws Exception {
    List<Expression> expressions =
        List.of(
            Expression.parse("($f := function($n){ $n <= 0 ? trigger.n : $f($n - 1) }; $f(20))"),
            Expression.parse("$map([1..20], function($i){ $i * 0 + trigger.n })[0]"),
            Expression.parse("$reduce(trigger.list, function($a, $b){ $a + $b }, 0)"),
            Expression.parse("trigger.list^(<$)[0]"),
            Expression.parse("(trigger ~> |$|{'m': n}|).m"),
            Expression.parse("$number(($lowercase ~> $uppercase)($string(trigger.n)))"),
            Expression.parse("$number($pad(?, 3)($string(trigger.n)))"),
            Expression.parse("trigger.n"));
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int n = thread;
      work.add(() -> {
        for (int turn = 0; turn < TURNS; turn++) {
          ObjectNode names = Json.object();
          ObjectNode trigger = names.putObject("trigger").put("n", n);
          trigger.putArray("list").add(n).add(0).add(0);
          Scope scope = Scope.of(names, name -> Optional.empty());
          for (Expression expression : expressions) {
            int expected = expression == expressions.get(3) ? 0 : n;
            assertThat(expression.evaluate(scope).asInt()).isEqualTo(expected);
          }
        }
        return null;
      });
    }
    run(work);
  }

  @Test
  void the_bounds_of_one_evaluation_are_not_those_of_another() throws Exception {
    Expression deep =
        Expression.parse("($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(trigger.n))");
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      boolean fails = thread % 2 == 0;
      work.add(() -> {
        for (int turn = 0; turn < TURNS; turn++) {
          Scope scope = Scopes.over("{'trigger': {'n': " + (fails ? 1000 : 8) + "}}");
          try {
            assertThat(deep.evaluate(scope).asInt()).isEqualTo(8);
            assertThat(fails).isFalse();
          } catch (ExpressionException e) {
            assertThat(fails).isTrue();
          }
        }
        return null;
      });
    }
    run(work);
  }

  @Test
  void a_template_and_a_condition_serve_many_threads() throws Exception {
    Template template =
        Template.parse(
            Scopes.json("{'a': 'n is {{ trigger.n }}', 'b': ['{{ [trigger.n] }}']}"),
            "",
            new ArrayList<>());
    Condition condition =
        Condition.parse(
            Scopes.json("{'field': 'trigger.text', 'operator': 'matches', 'value': '^(a|b)+$'}"),
            "",
            new ArrayList<>());
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int n = thread;
      work.add(() -> {
        Scope scope =
            Scopes.over(
                "{'trigger': {'n': %d, 'text': '%s'}}".formatted(n, n % 2 == 0 ? "abab" : "abc"));
        assertThat(template.render(scope))
            .isEqualTo(Scopes.json("{'a': 'n is %d', 'b': [[%d]]}".formatted(n, n)));
        assertThat(condition.test(scope)).isEqualTo(n % 2 == 0);
        return null;
      });
    }
    run(work);
  }

  @Test
  void secrets_of_one_scope_do_not_reach_another() throws Exception {
    Expression expression = Expression.parse("$uppercase(secrets.TOKEN) & $lowercase($string($$))");
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      String secret = "S" + thread;
      work.add(() -> {
        Scope scope = Scopes.withSecrets(Map.of("TOKEN", secret));
        assertThat(expression.evaluate(scope).asText()).startsWith(secret + "{");
        assertThat(scope.usedSecretValues()).containsExactly(secret);
        return null;
      });
    }
    run(work);
  }

  private static void run(List<Callable<Void>> work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }
}
