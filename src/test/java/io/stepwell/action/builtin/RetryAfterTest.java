package io.stepwell.action.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-22T19:44:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0                                          | PT0S
          7                                          | PT7S
          007                                        | PT7S
          ' 120 '                                    | PT2M
          31622400                                   | PT8784H
          31622401                                   | PT8784H
          99999999999999999999999999999999           | PT8784H
          00000000000000000000000000000005           | PT5S
          Sun, 22 Nov 2026 19:45:00 GMT              | PT1M
          sun, 22 nov 2026 19:45:00 gmt              | PT1M
          Sunday, 22-Nov-26 19:45:00 GMT             | PT1M
          Sun Nov 22 19:45:00 2026                   | PT1M
          Tue Dec  1 19:44:00 2026                   | PT216H
          Tuesday, 01-Dec-26 19:44:00 GMT            | PT216H
          Fri, 31 Dec 9999 23:59:59 GMT              | PT8784H
          """)
  void every_form_of_the_header_is_understood(String text, Duration delay) {
    assertThat(RetryAfter.parse(text, NOW)).contains(delay);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "+7",
        "1.5",
        "7s",
        "٧",
        "soon",
        "2026-11-22T19:45:00Z",
        "Sun, 22 Nov 2026 19:43:59 GMT",
        "Sun, 32 Nov 2026 19:45:00 GMT",
        // more than fifty years ahead is the past century's
        "Sunday, 22-Nov-94 19:45:00 GMT"
      })
  void what_is_neither_a_delay_nor_a_time_to_come_is_none(String text) {
    assertThat(RetryAfter.parse(text, NOW)).isEmpty();
  }
}
