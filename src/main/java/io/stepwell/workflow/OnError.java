package io.stepwell.workflow;

import java.util.Locale;

/** What a failed step means for its execution. */
public enum OnError {
  /** The execution ends FAILED. */
  STOP,
  /** The next step runs. */
  CONTINUE,
  /** More attempts, then as {@link #STOP}. */
  RETRY;

  /** The choice as a definition writes it. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
