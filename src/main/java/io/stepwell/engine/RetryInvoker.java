package io.stepwell.engine;

import io.smallrye.faulttolerance.api.CustomBackoffStrategy;
import io.smallrye.faulttolerance.api.ExponentialBackoff;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.stepwell.action.ActionResult;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.RetryPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.eclipse.microprofile.faulttolerance.Retry;

/**
 * Repeats attempts that fail with {@link RetryLater}, after its delay. Any other failure passes
 * through at once.
 */
@ApplicationScoped
class RetryInvoker {

  /**
   * Repeats under the documented defaults, those of {@link RetryPolicy#DEFAULT}. For a step that
   * begins anew.
   */
  @Retry(
      maxRetries = 3,
      delay = 500,
      delayUnit = ChronoUnit.MILLIS,
      jitter = 125,
      jitterDelayUnit = ChronoUnit.MILLIS,
      maxDuration = 0,
      retryOn = RetryLater.class)
  @ExponentialBackoff(factor = 2, maxDelay = 30, maxDelayUnit = ChronoUnit.SECONDS)
  ActionResult withDefaults(Callable<ActionResult> attempts) throws Exception {
    return attempts.call();
  }

  /** Repeats under the policy of the action, by the same library's guard. */
  ActionResult under(Action action, Callable<ActionResult> attempts) throws Exception {
    return TypedGuard.create(ActionResult.class)
        .withDescription(action.type())
        .withRetry()
        .maxRetries(action.retry().maxRetries())
        .maxDuration(0, ChronoUnit.MILLIS)
        .retryOn(RetryLater.class)
        .withCustomBackoff()
        .strategy(DelayOfFailure::new)
        .done()
        .done()
        .build()
        .call(attempts);
  }

  /** The delay that the failure carries. */
  static final class DelayOfFailure implements CustomBackoffStrategy {
    @Override
    public long nextDelayInMillis(Throwable failure) {
      return failure instanceof RetryLater later ? later.delay().toMillis() : 0;
    }
  }
}
