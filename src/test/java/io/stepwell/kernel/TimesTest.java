package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

  @Test
  void a_time_is_written_in_utc_with_exactly_milliseconds() {
    assertThat(Times.format(Instant.parse("2026-11-22T19:44:15Z")))
        .isEqualTo("2026-11-22T19:44:15.000Z");
    assertThat(Times.format(Instant.parse("2026-11-22T19:44:15.123999Z")))
        .isEqualTo("2026-11-22T19:44:15.123Z");
  }

  @Test
  void any_offset_is_read() {
    assertThat(Times.parse("2026-11-22T21:44:15.5+02:00"))
        .contains(Instant.parse("2026-11-22T19:44:15.500Z"));
    assertThat(Times.parse("2026-11-22t19:44:15z")).contains(Instant.parse("2026-11-22T19:44:15Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-11-22",
        "2026-11-22T19:44Z",
        "2026-11-22T19:44:15",
        "2026-11-22 19:44:15Z",
        "2026-02-30T19:44:15Z",
        "2026-11-22T25:44:15Z",
        "2026-11-22T19:44:15+02",
        "2026-11-22T19:44:15+01:00:30",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "+12026-11-22T19:44:15Z",
        "2026-11-22T19:44:15.1234567890Z"
      })
  void what_is_no_rfc_3339_time_is_refused(String text) {
    assertThat(Times.parse(text)).isEmpty();
  }
}
