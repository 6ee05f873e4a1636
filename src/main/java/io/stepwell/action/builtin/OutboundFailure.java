package io.stepwell.action.builtin;

import io.stepwell.action.ActionFailure;
import io.stepwell.outbound.OutboundException;

/** Makes what the network refused the failure of an attempt, with the same code. */
final class OutboundFailure {

  private OutboundFailure() {}

  static ActionFailure of(OutboundException e) {
    String message = String.valueOf(e.getMessage());
    return e.retryable()
        ? ActionFailure.retryable(e.code(), message)
        : ActionFailure.permanent(e.code(), message);
  }
}
