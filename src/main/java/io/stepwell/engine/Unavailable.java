package io.stepwell.engine;

import org.jspecify.annotations.Nullable;

/** Something that a step needs cannot be had now, by nobody's fault. */
final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unavailable(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }
}
