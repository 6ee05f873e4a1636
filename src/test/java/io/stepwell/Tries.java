package io.stepwell;

/**
 * How often a test tries what chance makes: a few times every day, often with {@code -Pthorough}.
 */
public final class Tries {
  private static final boolean THOROUGH = Boolean.getBoolean("tests.thorough");

  private Tries() {}

  public static int of(int everyday, int thorough) {
    return THOROUGH ? thorough : everyday;
  }
}
