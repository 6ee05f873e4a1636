package io.stepwell.expression;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression of RE2, found anywhere in a text in linear time.
 *
 * <p>Linear still means the length of the text times the size of the pattern, and a counted
 * repetition is written out when compiled: so both are bounded.
 */
final class Regex {
  static final int MAX_LENGTH = 1024;

  private static final int MAX_SIZE = 10_000;
  private static final long MAX_NANOS = 250_000_000L;

  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles a pattern.
   *
   * @throws ExpressionException when it is not valid, or too large
   */
  static Regex compile(String source) {
    if (source.length() > MAX_LENGTH) {
      throw new ExpressionException("The pattern is longer than " + MAX_LENGTH + " characters.");
    }
    if (new SizeEstimate(source).size() > MAX_SIZE) {
      throw new ExpressionException("The repetitions in the pattern are too large.");
    }
    try {
      return new Regex(Pattern.compile(source));
    } catch (PatternSyntaxException e) {
      throw new ExpressionException("The pattern is not valid: " + e.getDescription() + ".");
    } catch (StackOverflowError e) {
      throw new ExpressionException("The pattern is nested too deeply.");
    }
  }

  /**
   * Whether a part of the text matches.
   *
   * @throws ExpressionException when it takes too long
   */
  boolean find(String text) {
    return pattern.matcher(new Bounded(text)).find();
  }

  /** A text that cannot be read for longer than the time that a match may take. */
  private static final class Bounded implements CharSequence {
    private static final int READS_BETWEEN_CLOCK = 256;

    private final String text;
    private final long start = System.nanoTime();
    private int reads;

    Bounded(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      // a pause of the machine does not fail a short text
      if (++reads % READS_BETWEEN_CLOCK == 0 && System.nanoTime() - start > MAX_NANOS) {
        throw new ExpressionException("The match takes too long.");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** How large a pattern becomes when its repetitions are written out; never too little. */
  private static final class SizeEstimate {
    private static final long LIMIT = 1L << 40;

    private final String source;
    private int at;

    SizeEstimate(String source) {
      this.source = source;
    }

    long size() {
      long total = 0;
      while (at < source.length()) {
        total += sequence(0) + 1;
        at++; // a closing parenthesis too many: the compiler refuses it
      }
      return total;
    }

    private long sequence(int depth) {
      if (depth > MAX_LENGTH / 4) {
        throw new ExpressionException("The pattern is nested too deeply.");
      }
      long total = 0;
      long last = 0;
      while (at < source.length() && source.charAt(at) != ')') {
        char c = source.charAt(at);
        if (c == '{') {
          last *= repetitions();
        } else {
          total += last;
          last = atom(c, depth);
        }
        total = Math.min(total, LIMIT);
        last = Math.min(last, LIMIT);
      }
      return total + last;
    }

    private long atom(char c, int depth) {
      at++;
      switch (c) {
        case '\\' -> at++;
        case '[' -> skipClass();
        case '(' -> {
          long size = sequence(depth + 1);
          at++;
          return size + 2;
        }
        case '*', '+', '?' -> {
          return 1;
        }
        default -> {}
      }
      return 1;
    }

    /** A star after an atom stands between it and a repetition only where that is an error. */
    private long repetitions() {
      int end = source.indexOf('}', at);
      String bounds = end < 0 ? "" : source.substring(at + 1, end);
      at++;
      if (!bounds.matches("[0-9]{1,9}(,[0-9]{0,9})?")) {
        return 1;
      }
      at = end + 1;
      long most = 1;
      for (String bound : bounds.split(",", 0)) {
        most = Math.max(most, Long.parseLong(bound));
      }
      return most + 1;
    }

    private void skipClass() {
      if (at < source.length() && source.charAt(at) == '^') {
        at++;
      }
      int first = at;
      while (at < source.length() && (source.charAt(at) != ']' || at == first)) {
        if (source.startsWith("[:", at) && source.indexOf(":]", at + 2) > 0) {
          at = source.indexOf(":]", at + 2) + 2;
        } else {
          at += source.charAt(at) == '\\' ? 2 : 1;
        }
      }
      at++;
    }
  }
}
