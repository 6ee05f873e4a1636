package io.stepwell.action;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An attempt that failed, saying whether another one can help. */
public final class ActionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;
  private final @Nullable Duration retryAfter;

  private ActionFailure(
      String code, String message, boolean retryable, @Nullable Duration retryAfter) {
    super(message, null, false, false);
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }

  /** Another attempt may succeed. */
  public static ActionFailure retryable(String code, String message) {
    return new ActionFailure(code, message, true, null);
  }

  /** Another attempt may succeed, but not before {@code retryAfter} has passed. */
  public static ActionFailure retryable(String code, String message, Duration retryAfter) {
    return new ActionFailure(code, message, true, retryAfter);
  }

  /** Another attempt would fail the same way. */
  public static ActionFailure permanent(String code, String message) {
    return new ActionFailure(code, message, false, null);
  }

  /** Stable, snake_case. */
  public String code() {
    return code;
  }

  public boolean retryable() {
    return retryable;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
