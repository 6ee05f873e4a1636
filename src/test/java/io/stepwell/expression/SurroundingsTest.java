package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.expression.Surroundings.Turn;
import io.stepwell.kernel.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

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
    return scope(new Surroundings(time, null, turn));
  }

  private Scope of(long seed) {
    return scope(new Surroundings(null, seed, turn));
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
                    scope(new Surroundings(null, null, signalling)),
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
}
