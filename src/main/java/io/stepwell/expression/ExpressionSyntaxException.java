package io.stepwell.expression;

/** A source that is not an expression, or one that holds something that is not allowed here. */
public final class ExpressionSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExpressionSyntaxException(String message) {
    super(message, null, false, false);
  }
}
