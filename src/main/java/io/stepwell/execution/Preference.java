package io.stepwell.execution;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how long a client prefers to wait (RFC 7240): {@code Prefer: wait=10}. */
final class Preference {
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);
  private static final Pattern WAIT =
      Pattern.compile(
          "(?:^|[,;])\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?=$|[,;])", Pattern.CASE_INSENSITIVE);

  private Preference() {}

  /** Zero without such a preference; at most a minute. What is no preference is ignored. */
  static Duration waiting(@Nullable String header) {
    if (header == null) {
      return Duration.ZERO;
    }
    Matcher matcher = WAIT.matcher(header);
    if (!matcher.find()) {
      return Duration.ZERO;
    }
    Duration wait = Duration.ofSeconds(Long.parseLong(matcher.group(1)));
    return wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
  }
}
