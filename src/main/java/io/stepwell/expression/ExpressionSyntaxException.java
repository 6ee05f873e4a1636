package io.stepwell.expression;

public final class ExpressionSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExpressionSyntaxException(String message) {
    super(message);
  }
}
