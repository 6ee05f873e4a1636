package io.stepwell.engine;

import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.OnError;
import io.stepwell.workflow.RetryPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/** Makes the attempts of one step: under its timeout, and as often as its policy says. */
@ApplicationScoped
class StepRunner {
  private static final Logger LOG = Logger.getLogger(StepRunner.class);

  private final AttemptInvoker attempts;
  private final RetryInvoker retries;
  private final EngineConfig config;
  private final AttemptMetrics metrics;
  private final Tracing tracing;

  StepRunner(
      AttemptInvoker attempts,
      RetryInvoker retries,
      EngineConfig config,
      AttemptMetrics metrics,
      Tracing tracing) {
    this.attempts = attempts;
    this.retries = retries;
    this.config = config;
    this.metrics = metrics;
    this.tracing = tracing;
  }

  /** Is told of the attempts of a step, so that a crash gives it no more than it has. */
  interface Observer {
    /**
     * @throws LeaseLost when it must not begin
     */
    void started(int attempt) throws LeaseLost;

    void backsOff(int attempt, ActionFailure failure, Duration delay);
  }

  /** What the attempts came to. */
  sealed interface Outcome {
    int attempts();
  }

  record Succeeded(int attempts, ActionResult result) implements Outcome {}

  record Failed(int attempts, ActionFailure failure) implements Outcome {}

  /** The next attempt is due only after a delay too long to hold a slot for. */
  record BackedOff(int attempts, ActionFailure failure, Duration delay) implements Outcome {}

  /**
   * Runs the step until it succeeds, fails for good or has to wait for long.
   *
   * @param attemptsSoFar begun before, here or on another replica
   * @throws LeaseLost when the work was interrupted because the execution is no longer ours
   */
  Outcome run(
      Action action,
      ActionHandler handler,
      ActionContext context,
      int attemptsSoFar,
      Lease lease,
      Observer observer)
      throws LeaseLost {
    Attempts body = new Attempts(action, handler, context, attemptsSoFar, lease, observer);
    try {
      lease.enter();
      try {
        ActionResult result = repeated(action, attemptsSoFar, body);
        return new Succeeded(body.made, result);
      } finally {
        lease.leave();
      }
    } catch (LeaseLost e) {
      throw e;
    } catch (StepFailed e) {
      return e.outcome();
    } catch (RetryLater e) {
      // the library gave up before we did: its bound is never below ours
      return new Failed(body.made, e.failure());
    } catch (RuntimeException e) {
      // what a handler throws has become an ActionFailure: this is ours
      if (lease.ended()) {
        throw new LeaseLost();
      }
      throw e;
    } catch (Exception e) {
      // what the guards throw when they are interrupted while they wait
      if (lease.ended()) {
        throw new LeaseLost();
      }
      LOG.errorf(e, "step %s failed outside its action", action.name());
      return new Failed(body.made, unexpected(e));
    }
  }

  private ActionResult repeated(Action action, int attemptsSoFar, Callable<ActionResult> body)
      throws Exception {
    if (action.onError() != OnError.RETRY) {
      return body.call();
    }
    return action.retry().equals(RetryPolicy.DEFAULT) && attemptsSoFar == 0
        ? retries.withDefaults(body)
        : retries.under(action, body);
  }

  /** The failure of a step whose handler threw something that handlers need not know of. */
  static ActionFailure unexpected(Throwable e) {
    return ActionFailure.retryable(
        "action_error", e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  /** Ends the repeating: nothing retries on it. */
  private static final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Outcome outcome;

    StepFailed(Outcome outcome) {
      super("the step ends", null, false, false);
      this.outcome = outcome;
    }

    Outcome outcome() {
      return outcome;
    }
  }

  /** One attempt a call. Attempts never overlap, but may come from different threads. */
  private final class Attempts implements Callable<ActionResult> {
    private final Action action;
    private final ActionHandler handler;
    private final ActionContext context;
    private final Lease lease;
    private final Observer observer;
    private volatile int made;

    Attempts(
        Action action,
        ActionHandler handler,
        ActionContext context,
        int attemptsSoFar,
        Lease lease,
        Observer observer) {
      this.action = action;
      this.handler = handler;
      this.context = context;
      this.made = attemptsSoFar;
      this.lease = lease;
      this.observer = observer;
    }

    @Override
    public ActionResult call() throws Exception {
      int attempt = made + 1;
      made = attempt;
      observer.started(attempt);
      long began = System.nanoTime();
      ActionFailure failure;
      try {
        ActionResult result =
            action.timeout().equals(Action.DEFAULT_TIMEOUT)
                ? attempts.withDefaultTimeout(() -> handle(attempt))
                : attempts.within(action, () -> handle(attempt));
        metrics.succeeded(action.type(), result, began);
        return result;
      } catch (TimeoutException e) {
        failure =
            ActionFailure.retryable(
                "timeout", "The attempt took longer than " + action.timeout().toMillis() + " ms.");
      } catch (ActionFailure e) {
        failure = e;
      } catch (InterruptedException e) {
        failure = ActionFailure.retryable("interrupted", "The attempt was interrupted.");
      }
      metrics.failed(action.type(), failure, lease.ended(), began);
      if (lease.ended()) {
        throw new LeaseLost();
      }
      context.room().give();
      throw next(attempt, failure);
    }

    private ActionResult handle(int attempt) throws InterruptedException {
      lease.enter();
      try {
        return tracing.attempt(action.type(), context.withAttempt(attempt), handler);
      } catch (ActionFailure | InterruptedException | Unavailable e) {
        throw e;
      } catch (Throwable e) {
        // a handler is anybody's code: whatever it throws, here before any guard sees it, is a
        // failure of its step
        Trouble.rethrowIfFatal(e);
        LOG.debugf(e, "the handler of %s failed", action.type());
        throw unexpected(e);
      } finally {
        lease.leave();
      }
    }

    private Exception next(int attempt, ActionFailure failure) {
      if (action.onError() != OnError.RETRY
          || !failure.retryable()
          || attempt > action.retry().maxRetries()) {
        return new StepFailed(new Failed(attempt, failure));
      }
      Duration delay = delay(attempt, failure);
      if (delay.compareTo(config.parkedBackoff()) > 0) {
        return new StepFailed(new BackedOff(attempt, failure, delay));
      }
      observer.backsOff(attempt, failure, delay);
      return new RetryLater(failure, delay);
    }

    /** The policy's delay, or what the other side asked for when that is longer and allowed. */
    private Duration delay(int attempt, ActionFailure failure) {
      RetryPolicy policy = action.retry();
      long millis = policy.delayBefore(attempt);
      long asked =
          failure
              .retryAfter()
              .map(after -> Math.min(after.toMillis(), policy.maxDelayMs()))
              .orElse(0L);
      if (asked > millis) {
        return Duration.ofMillis(asked);
      }
      long spread = policy.jitter() ? Math.min(policy.delayMs(), millis) / 4 : 0;
      return Duration.ofMillis(
          spread == 0
              ? millis
              : millis + ThreadLocalRandom.current().nextLong(-spread, spread + 1));
    }
  }
}
