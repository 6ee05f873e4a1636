package io.stepwell.expression;

import java.util.Objects;

/**
 * An expression that cannot give a value for the names it was given; the step fails with {@link
 * #CODE}.
 *
 * <p>The message is for a person and never holds the value of a secret.
 */
public final class ExpressionException extends RuntimeException {
  /** The code of a step that failed for this reason. */
  public static final String CODE = "expression_error";

  private static final long serialVersionUID = 1L;

  public ExpressionException(String message) {
    super(message, null, false, false);
  }

  /** The same failure, saying at which place of the config it happened. */
  ExpressionException at(String pointer) {
    return new ExpressionException(pointer + ": " + getMessage());
  }

  /** Never null: it is made with one. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
