package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stepwell.kernel.Failure;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ExecutionLimiterTest {
  private static final UUID BUSY = new UUID(0, 1);
  private static final UUID QUIET = new UUID(0, 2);

  private record Limits(int executionsPerSecond, int executionsBurst) implements LimitsConfig {
    @Override
    public io.quarkus.runtime.configuration.MemorySize executionBytes() {
      throw new UnsupportedOperationException();
    }

    @Override
    public java.time.Duration expressionTime() {
      return java.time.Duration.ofSeconds(10);
    }
  }

  @Test
  void beyond_the_burst_a_workspace_is_told_when_to_come_back() {
    ExecutionLimiter limiter = new ExecutionLimiter(new Limits(1, 3));
    for (int i = 0; i < 3; i++) {
      limiter.acquire(BUSY);
    }
    Failure failure = catchThrowableOfType(Failure.class, () -> limiter.acquire(BUSY));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.LIMITED);
    assertThat(failure.code()).isEqualTo("rate_limited");
    assertThat(failure.retryAfter().orElseThrow())
        .isBetween(Duration.ofNanos(1), Duration.ofSeconds(1));
  }

  @Test
  void one_workspace_takes_nothing_from_another() {
    ExecutionLimiter limiter = new ExecutionLimiter(new Limits(1, 1));
    limiter.acquire(BUSY);
    assertThat(catchThrowableOfType(Failure.class, () -> limiter.acquire(BUSY))).isNotNull();
    limiter.acquire(QUIET);
  }

  @Test
  void a_limit_below_one_stops_the_start() {
    assertThatIllegalArgumentException().isThrownBy(() -> new ExecutionLimiter(new Limits(0, 1)));
  }
}
