package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult;
import io.stepwell.action.Effect.CreateNotification;
import io.stepwell.engine.Reference.Outcome;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A runner that goes on only when the test lets it: its attempts wait for their outcome. */
final class Script {
  private static final ThreadLocal<Script> CURRENT = new ThreadLocal<>();

  /**
   * Where it stands.
   *
   * @param path of the step whose attempt goes on; {@code null} when the run is over
   */
  record Stop(@Nullable String path, int attempt) {}

  private final Lease lease;
  private final Thread thread;
  private final LinkedBlockingQueue<Stop> stops = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

  private Script(Lease lease, Runnable run) {
    this.lease = lease;
    this.thread =
        Thread.ofVirtual()
            .unstarted(() -> {
              CURRENT.set(this);
              run.run();
              stops.add(new Stop(null, 0));
            });
  }

  /** Starts the run, up to its first stop. */
  static Script of(Lease lease, Runnable run) {
    Script script = new Script(lease, run);
    script.thread.start();
    return script;
  }

  static Script current() {
    return CURRENT.get();
  }

  Lease lease() {
    return lease;
  }

  ActionResult attempt(ActionContext context) throws InterruptedException {
    stops.add(new Stop(context.stepPath(), context.attempt()));
    return switch (outcomes.take()) {
      case SUCCESS -> ActionResult.success(Json.object());
      case SUCCESS_WITH_NOTE -> ActionResult.success(Json.object(), note());
      case FAILURE -> throw ActionFailure.retryable("scripted", "It was told to fail.");
      case PERMANENT_FAILURE -> throw ActionFailure.permanent("scripted", "It was told to fail.");
      case SLEEP -> new ActionResult.WaitFor(Duration.ofMinutes(Reference.NAP), Json.object());
      case AWAIT_SIGNAL -> new ActionResult.WaitForSignal(List.of());
    };
  }

  private static CreateNotification note() {
    return new CreateNotification(
        UUID.randomUUID(), "inbox", "somebody", null, "text", null, Instant.now());
  }

  void let(Outcome outcome) {
    outcomes.add(outcome);
  }

  /** Where it stops next. */
  Stop stop() throws InterruptedException {
    @Nullable Stop stop = stops.poll(30, TimeUnit.SECONDS);
    assertThat(stop).as("the runner comes to a stop").isNotNull();
    return stop;
  }

  /** It is gone without another word, as with its replica. */
  void crash() throws InterruptedException {
    lease.end();
    assertThat(stop().path()).isNull();
  }
}
