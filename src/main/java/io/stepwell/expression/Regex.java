package io.stepwell.expression;

import io.stepwell.kernel.LinearPattern;

/** A regular expression that is found anywhere in a text, within the time of an expression. */
final class Regex {
  static final int MAX_LENGTH = LinearPattern.MAX_LENGTH;
  private static final long MAX_NANOS = 250_000_000L;

  private final LinearPattern pattern;

  private Regex(LinearPattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles a pattern.
   *
   * @throws ExpressionException when it is not valid, or too large
   */
  static Regex compile(String source) {
    try {
      return new Regex(LinearPattern.compile(source));
    } catch (LinearPattern.Refused e) {
      throw new ExpressionException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Whether a part of the text matches.
   *
   * @throws ExpressionException when it takes too long
   */
  boolean find(String text) {
    long start = System.nanoTime();
    return pattern.find(
        text,
        () -> {
          if (System.nanoTime() - start > MAX_NANOS) {
            throw new ExpressionException("The match takes too long.");
          }
        });
  }
}
