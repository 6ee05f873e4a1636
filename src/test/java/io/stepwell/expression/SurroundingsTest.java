package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Turns.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SurroundingsTest {
  private static final Instant TIME = Instant.parse("2026-11-22T12:00:00.123Z");

  private final List<String> seen = new ArrayList<>();

  /** Writes down what happens to it. */
  private final Turn turn =
      new Turn() {
        @Override
        public void take() {
          seen.add("take");
        }

        @Override
        public void pass() {
          seen.add("pass");
        }
      };

  private Scope scope(Surroundings surroundings) {
    return Scope.of(
        Json.object(),
        name -> {
          seen.add("look up");
          return Optional.of("value");
        },
        surroundings);
  }

  private Scope at(Instant time) {
    return scope(new Surroundings(time, null, turn, false));
  }

  private Scope of(long seed) {
    return scope(new Surroundings(null, seed, turn, false));
  }

  private static JsonNode value(Scope scope, String source) {
    return Expression.parse(source).evaluate(scope);
  }

  @Test
  void time_is_what_it_is_given() {
    assertThat(value(at(TIME), "$now()").textValue()).isEqualTo(TIME.toString());
    assertThat(value(at(TIME), "$millis()").longValue()).isEqualTo(TIME.toEpochMilli());
  }

  @Test
  void it_is_known_whether_the_time_was_read() {
    Scope scope = at(TIME);
    value(scope, "1 + 1");
    assertThat(scope.timeWasRead()).isFalse();
    value(scope, "$fromMillis($millis())");
    assertThat(scope.timeWasRead()).isTrue();
  }

  @Test
  void chance_is_the_same_for_the_same_seed_and_from_the_beginning() {
    String source = "[$random(), $shuffle([1..20])]";
    Scope scope = of(1);
    JsonNode first = value(scope, source);
    JsonNode second = value(scope, source);
    scope.rewind();

    assertThat(value(scope, source)).isEqualTo(first).isNotEqualTo(second);
    assertThat(value(of(1), source)).isEqualTo(first);
    assertThat(value(of(2), source)).isNotEqualTo(first);
  }

  @Test
  void an_evaluation_takes_a_turn_and_a_bare_path_needs_none() {
    value(at(TIME), "1 + 1");
    assertThat(seen).containsExactly("take", "pass");
    seen.clear();
    value(at(TIME), "trigger.x");
    assertThat(seen).isEmpty();
  }

  @Test
  void a_turn_is_passed_on_when_an_evaluation_fails() {
    assertThatExceptionOfType(ExpressionException.class)
        .isThrownBy(() -> value(at(TIME), "$error('no')"));
    assertThat(seen).containsExactly("take", "pass");
  }

  @Test
  void a_secret_is_looked_up_outside_of_the_turn() {
    value(at(TIME), "secrets.A & 'x'");
    assertThat(seen).containsExactly("take", "pass", "look up", "take", "pass");
  }

  @Test
  void an_interrupt_ends_an_evaluation() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Turn signalling =
        new Turn() {
          @Override
          public void take() {
            begun.countDown();
          }

          @Override
          public void pass() {}
        };
    // without the interrupt it would be ended by the time that it takes
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                value(
                    scope(new Surroundings(null, null, signalling, false)),
                    "$sum($map([1..90000], function($x) { $sum([1..1000]) + $x }))");
              } catch (ExpressionException e) {
                thrown.set(e);
              }
            });
    begun.await();
    thread.interrupt();
    thread.join();

    assertThat(thrown.get()).hasMessageContaining("interrupted");
  }

  /** Names of which one value is elsewhere; {@code seen} says how often it was fetched. */
  private Scope deferring() {
    ObjectNode names = Json.object();
    names.putObject("trigger").put("x", 1);
    names
        .putObject("steps")
        .putObject("big")
        .put("status", "COMPLETED")
        .set(
            "output",
            new Deferred(
                () -> {
                  seen.add("fetch");
                  return Json.read("{\"a\": [1, 2, 3]}");
                },
                16));
    names.putArray("previousStepResults").add(names.at("/steps/big"));
    return Scope.of(
        names, name -> Optional.empty(), new Surroundings(null, null, Turn.ALWAYS, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trigger.x",
        "steps.big.status",
        "$count(previousStepResults)",
        "previousStepResults[0].status",
        "steps.big ~> $exists",
      })
  void what_no_expression_reaches_is_not_fetched(String source) {
    value(deferring(), source);
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "steps.big.output.a|[1,2,3]",
        "steps.big.output|{\"a\":[1,2,3]}",
        "steps.big|{\"status\":\"COMPLETED\",\"output\":{\"a\":[1,2,3]}}",
        "$sum(steps.big.output.a)|6",
        "$sum(previousStepResults.output.a)|6",
        "$lookup(steps.big, 'out' & 'put').a[1]|2",
        "$merge([steps.big.output, {'b': 1}])|{\"a\":[1,2,3],\"b\":1}",
        "$string(steps)|\"{\\\"big\\\":{\\\"status\\\":\\\"COMPLETED\\\",\\\"output\\\":{\\\"a\\\":[1,2,3]}}}\"",
        "$.steps.*.output.a[0]|1",
        "{'s': steps}.s.big.output.a[0]|1",
      })
  void a_deferred_value_is_there_for_every_expression_that_reaches_it(String source, String json) {
    assertThat(value(deferring(), source)).hasToString(json);
    assertThat(seen).isNotEmpty().containsOnly("fetch");
  }

  @Test
  void whole_names_have_everything_in_them() {
    assertThat(value(deferring(), "$").at("/previousStepResults/0/output/a/2").intValue())
        .isEqualTo(3);
  }
}
