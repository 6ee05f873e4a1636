package io.stepwell.action.builtin;

import io.stepwell.action.ActionFailure;
import io.stepwell.outbound.OutboundResponse;
import java.time.Instant;

/** Makes a status that is no success the failure of an attempt. */
final class HttpStatusFailure {
  private static final String CODE = "http_status";
  private static final int EXCERPT = 500;

  private HttpStatusFailure() {}

  /**
   * The failure, which another attempt can help after 408, 425, 429 and 5xx only; {@code
   * Retry-After} goes along.
   */
  static ActionFailure of(OutboundResponse response, Instant now) {
    String message = message(response);
    if (!isTransient(response.status())) {
      return ActionFailure.permanent(CODE, message);
    }
    return response
        .header("retry-after")
        .flatMap(text -> RetryAfter.parse(text, now))
        .map(after -> ActionFailure.retryable(CODE, message, after))
        .orElseGet(() -> ActionFailure.retryable(CODE, message));
  }

  private static boolean isTransient(int status) {
    return switch (status) {
      case 408, 425, 429 -> true;
      default -> status >= 500;
    };
  }

  private static String message(OutboundResponse response) {
    String answered = "The server answered " + response.status();
    return ResponseBody.of(response)
        .text()
        .filter(text -> !text.isBlank())
        .map(text -> answered + ": " + excerpt(text))
        .orElse(answered + ".");
  }

  private static String excerpt(String text) {
    if (text.length() <= EXCERPT) {
      return text;
    }
    // half a pair could not be stored
    int end = Character.isHighSurrogate(text.charAt(EXCERPT - 1)) ? EXCERPT - 1 : EXCERPT;
    return text.substring(0, end);
  }
}
