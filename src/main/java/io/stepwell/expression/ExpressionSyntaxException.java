package io.stepwell.expression;

import java.util.Objects;

/** A source that is not an expression, or one that holds something that is not allowed here. */
public final class ExpressionSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExpressionSyntaxException(String message) {
    super(message, null, false, false);
  }

  /** Never null: it is made with one. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
