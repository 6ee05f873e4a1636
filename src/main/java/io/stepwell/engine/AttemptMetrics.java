package io.stepwell.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import io.stepwell.action.ActionCatalog;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult;
import io.stepwell.action.RegisteredAction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Times the attempts of steps by action type and outcome. Only registered types are told apart.
 * Thread-safe.
 */
@Startup // so that a scrape before the first attempt names them
@ApplicationScoped
class AttemptMetrics {
  /** What became of an attempt. */
  enum Outcome {
    SUCCESS,
    /** It succeeded, and its step is over later. */
    WAIT,
    FAILURE,
    TIMEOUT,
    /** The execution was no longer ours. */
    LOST
  }

  private final Map<String, Map<Outcome, Timer>> timers = new HashMap<>();

  AttemptMetrics(MeterRegistry registry, ActionCatalog catalog) {
    for (RegisteredAction action : catalog.all()) {
      Map<Outcome, Timer> byOutcome = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        byOutcome.put(
            outcome,
            EngineMetrics.timer("stepwell.attempt.duration")
                .tag("type", action.type())
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(registry));
      }
      timers.put(action.type(), byOutcome);
    }
  }

  /**
   * An attempt brought a result.
   *
   * @param began when the attempt began, on {@link System#nanoTime}
   */
  void succeeded(String type, ActionResult result, long began) {
    record(type, result instanceof ActionResult.Success ? Outcome.SUCCESS : Outcome.WAIT, began);
  }

  /** An attempt failed; {@code lost} when that is because the execution is no longer ours. */
  void failed(String type, ActionFailure failure, boolean lost, long began) {
    Outcome unlessLost = failure.code().equals("timeout") ? Outcome.TIMEOUT : Outcome.FAILURE;
    record(type, lost ? Outcome.LOST : unlessLost, began);
  }

  private void record(String type, Outcome outcome, long began) {
    @Nullable Map<Outcome, Timer> byOutcome = timers.get(type);
    if (byOutcome != null) {
      Objects.requireNonNull(byOutcome.get(outcome))
          .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    }
  }
}
