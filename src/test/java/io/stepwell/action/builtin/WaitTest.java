package io.stepwell.action.builtin;

import static io.stepwell.action.builtin.Steps.NOW;
import static io.stepwell.action.builtin.Steps.json;
import static io.stepwell.action.builtin.Steps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult.WaitFor;
import io.stepwell.action.ActionResult.WaitUntil;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitTest {
  private final Wait handler = new Wait(Steps.TIME);

  @Test
  void a_duration_is_waited_for() {
    assertThat(handler.handle(step("{'durationMs': 5000}")))
        .isEqualTo(new WaitFor(Duration.ofSeconds(5), json("{}").put("waitedMs", 5000L)));
  }

  @Test
  void a_time_is_waited_for() {
    assertThat(handler.handle(step("{'until': '2026-11-22T20:44:16.623+01:00'}")))
        .isEqualTo(new WaitUntil(NOW.plusMillis(1500), json("{}").put("waitedMs", 1500L)));
  }

  @Test
  void a_past_time_does_not_wait() {
    assertThat(handler.handle(step("{'until': '2020-01-01T00:00:00Z'}")))
        .isEqualTo(
            new WaitUntil(Instant.parse("2020-01-01T00:00:00Z"), json("{}").put("waitedMs", 0L)));
  }

  @Test
  void a_time_is_at_most_366_days_ahead() {
    Instant last = NOW.plus(Duration.ofDays(366));

    assertThat(handler.handle(step("{'until': '" + last + "'}"))).isInstanceOf(WaitUntil.class);
    ActionFailure failure =
        catchThrowableOfType(
            ActionFailure.class,
            () -> handler.handle(step("{'until': '" + last.plusMillis(1) + "'}")));
    assertThat(failure)
        .returns("invalid_config", ActionFailure::code)
        .returns(false, ActionFailure::retryable)
        .hasMessageContaining("/config/until");
  }

  @Test
  void nothing_outside_happens() {
    assertThat(handler.hasOutsideEffect()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'durationMs': 0}",
        "{'durationMs': 31622400000}",
        "{'until': '2026-11-22T20:44:16.623+01:00'}",
      })
  void a_right_config_passes(String config) {
    assertThat(Steps.violations(handler, config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'durationMs': -1}            | /durationMs",
        "{'durationMs': 31622400001}   | /durationMs",
        "{'durationMs': 1.5}           | /durationMs",
        "{'durationMs': '5000'}        | /durationMs",
        "{'durationMs': null}          | /durationMs",
        "{'until': 'tomorrow'}         | /until",
        "{'durationMs': 1, 'x': 1}     | /x",
      })
  void a_wrong_config_is_told_where(String config, String pointer) {
    assertThat(Steps.violations(handler, config)).containsExactly(pointer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'durationMs': 1, 'until': '2026-11-22T20:44:16Z'}"})
  void exactly_one_of_the_two_is_given(String config) {
    assertThat(Steps.violations(handler, config)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'durationMs': '{{ trigger.ms }}'}", "{'until': '{{ trigger.at }}'}"})
  void an_expression_may_stand_for_either(String config) {
    assertThat(Steps.staticViolations(handler, config)).isEmpty();
  }
}
