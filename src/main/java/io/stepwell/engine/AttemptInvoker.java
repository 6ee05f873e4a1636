package io.stepwell.engine;

import io.smallrye.faulttolerance.api.TypedGuard;
import io.stepwell.action.ActionResult;
import io.stepwell.workflow.Action;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.eclipse.microprofile.faulttolerance.Timeout;

/**
 * Makes one attempt under its timeout: past it the handler is interrupted, and waited for, so that
 * attempts never overlap.
 */
@ApplicationScoped
class AttemptInvoker {

  /**
   * Makes the attempt under the default timeout, which is the same as {@link
   * Action#DEFAULT_TIMEOUT}.
   *
   * @throws org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException past it
   */
  @Timeout(value = 30, unit = ChronoUnit.SECONDS)
  ActionResult withDefaultTimeout(Callable<ActionResult> attempt) throws Exception {
    return attempt.call();
  }

  /** Makes the attempt under the timeout that the action sets, by the same library's guard. */
  ActionResult within(Action action, Callable<ActionResult> attempt) throws Exception {
    return TypedGuard.create(ActionResult.class)
        .withDescription(action.type())
        .withTimeout()
        .duration(action.timeout().toMillis(), ChronoUnit.MILLIS)
        .done()
        .build()
        .call(attempt);
  }
}
