package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final UUID EXECUTION = UUID.fromString("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @Test
  void the_trace_of_an_execution_is_its_id() {
    assertThat(TraceParent.ofExecution(EXECUTION).header())
        .isEqualTo("00-0190a1b2c3d47e5f8a9b0c1d2e3f4a5b-8a9b0c1d2e3f4a5b-01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + TRACE + "-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-00",
      })
  void a_header_is_read_as_it_is_written(String header) {
    assertThat(TraceParent.parse(header).orElseThrow().header()).isEqualTo(header);
  }

  @Test
  void a_later_version_and_flags_that_nobody_knows_are_understood() {
    assertThat(TraceParent.parse("cc-" + TRACE + "-00f067aa0ba902b7-09-what-else"))
        .contains(new TraceParent(TRACE, "00f067aa0ba902b7", true));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7",
        " 00-" + TRACE + "-00f067aa0ba902b7-01",
      })
  void what_is_not_valid_says_nothing(String header) {
    assertThat(TraceParent.parse(header)).isEmpty();
  }
}
