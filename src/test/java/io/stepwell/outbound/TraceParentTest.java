package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class TraceParentTest {

  private static final UUID EXECUTION = UUID.fromString("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

  @Test
  void the_trace_is_the_execution_and_each_call_is_a_span_of_it() {
    TraceParent first = TraceParent.forExecution(EXECUTION);
    TraceParent second = TraceParent.forExecution(EXECUTION);

    assertThat(first.header())
        .matches("00-0190a1b2c3d47e5f8a9b0c1d2e3f4a5b-[0-9a-f]{16}-01")
        .doesNotContain("0000000000000000");
    assertThat(second.traceId()).isEqualTo(first.traceId());
    assertThat(second.spanId()).isNotEqualTo(first.spanId());
  }
}
