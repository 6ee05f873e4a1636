package io.stepwell.workspace;

import org.jspecify.annotations.Nullable;

/**
 * A secret does not open with the operator's present key, and will not until one of them changes.
 */
public final class UnreadableSecret extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  UnreadableSecret(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
