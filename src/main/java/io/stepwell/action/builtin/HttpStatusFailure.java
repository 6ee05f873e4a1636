package io.stepwell.action.builtin;

import io.stepwell.action.ActionFailure;
import io.stepwell.outbound.OutboundResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** Makes a status that is no success the failure of an attempt. */
final class HttpStatusFailure {
  private static final String CODE = "http_status";
  private static final int EXCERPT = 500;

  // more digits would overflow, and nobody waits for so long
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final Duration LONGEST = Duration.ofDays(366);

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
    return retryAfter(response, now)
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

  // RFC 9110 section 10.2.3: seconds or a date
  private static Optional<Duration> retryAfter(OutboundResponse response, Instant now) {
    return response
        .header("retry-after")
        .map(String::strip)
        .flatMap(text -> delay(text, now))
        .filter(delay -> !delay.isNegative())
        .map(delay -> delay.compareTo(LONGEST) > 0 ? LONGEST : delay);
  }

  private static Optional<Duration> delay(String text, Instant now) {
    if (SECONDS.matcher(text).matches()) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
      return Optional.of(Duration.between(now, date.toInstant()));
    } catch (DateTimeException neither) {
      return Optional.empty();
    }
  }
}
