package io.stepwell.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Times calls by what became of them: the class of the answer's status, or why there was none.
 * Nothing of a request is told. Thread-safe.
 */
final class CallMetrics {
  private static final String INTERRUPTED = "interrupted";

  private final Map<String, Timer> byOutcome = new HashMap<>();

  CallMetrics(MeterRegistry registry) {
    for (int statusClass = 1; statusClass <= 5; statusClass++) {
      register(registry, answered(statusClass * 100));
    }
    for (OutboundException.Reason reason : OutboundException.Reason.values()) {
      if (!reason.name().startsWith("MAIL_")) {
        register(registry, reason.name().toLowerCase(Locale.ROOT));
      }
    }
    register(registry, INTERRUPTED);
  }

  private void register(MeterRegistry registry, String outcome) {
    byOutcome.put(outcome, registry.timer("stepwell.outbound.calls", "outcome", outcome));
  }

  /** What a status is counted as; HTTP clients let any three digits pass. */
  private static String answered(int status) {
    return Math.clamp(status / 100, 1, 5) + "xx";
  }

  void answered(int status, long began) {
    ended(answered(status), began);
  }

  void failed(OutboundException failure, long began) {
    ended(failure.reason().name().toLowerCase(Locale.ROOT), began);
  }

  void interrupted(long began) {
    ended(INTERRUPTED, began);
  }

  private void ended(String outcome, long began) {
    Objects.requireNonNull(byOutcome.get(outcome))
        .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
  }
}
