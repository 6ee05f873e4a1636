package io.stepwell.engine;

import io.stepwell.action.ActionFailure;
import java.time.Duration;

/** An attempt failed, and another one follows after a delay. */
final class RetryLater extends Exception {
  private static final long serialVersionUID = 1L;

  private final ActionFailure failure;
  private final Duration delay;

  RetryLater(ActionFailure failure, Duration delay) {
    super(failure.getMessage(), null, false, false);
    this.failure = failure;
    this.delay = delay;
  }

  ActionFailure failure() {
    return failure;
  }

  Duration delay() {
    return delay;
  }
}
