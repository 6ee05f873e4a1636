package io.stepwell.kernel;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression of RE2, found anywhere in a text in linear time. Immutable, thread-safe.
 *
 * <p>Linear still means the length of the text times the size of the pattern, and a counted
 * repetition is written out when compiled: so both are bounded.
 */
public final class LinearPattern {
  public static final int MAX_LENGTH = 1024;

  private static final int MAX_SIZE = 10_000;
  // of the pattern's size times the characters read, a fraction of a millisecond
  private static final int WORK_BETWEEN_LOOKS = 1 << 14;

  /** Why a source is not a pattern that can be used here; the message is for a person. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message, null, false, false);
    }
  }

  private final Pattern pattern;
  private final int size;

  private LinearPattern(Pattern pattern, int size) {
    this.pattern = pattern;
    this.size = size;
  }

  /** Compiles a pattern of at most {@value #MAX_LENGTH} characters. */
  public static LinearPattern compile(String source) throws Refused {
    if (source.length() > MAX_LENGTH) {
      throw new Refused("The pattern is longer than " + MAX_LENGTH + " characters.");
    }
    long size = new SizeEstimate(source).size();
    if (size > MAX_SIZE) {
      throw new Refused("The repetitions in the pattern are too large.");
    }
    try {
      return new LinearPattern(Pattern.compile(source), (int) size);
    } catch (PatternSyntaxException e) {
      throw new Refused("The pattern is not valid: " + e.getDescription() + ".");
    } catch (StackOverflowError e) {
      throw new Refused("The pattern is nested too deeply.");
    }
  }

  /** How large it is when its repetitions are written out, at most 10,000. */
  int size() {
    return size;
  }

  /**
   * Whether a part of the text matches.
   *
   * @param look is called again and again meanwhile, and ends the match by what it throws
   */
  public boolean find(String text, Runnable look) {
    return pattern.matcher(new Watched(text, look, WORK_BETWEEN_LOOKS / (size + 1))).find();
  }

  /** A text that looks up now and then while it is read. */
  private static final class Watched implements CharSequence {
    private final String text;
    private final Runnable look;
    private final int readsBetween;
    private int reads;

    Watched(String text, Runnable look, int readsBetween) {
      this.text = text;
      this.look = look;
      this.readsBetween = readsBetween;
    }

    @Override
    public char charAt(int index) {
      if (++reads > readsBetween) {
        reads = 0;
        look.run();
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

    long size() throws Refused {
      long total = 0;
      while (at < source.length()) {
        total += sequence(0) + 1;
        at++; // a closing parenthesis too many: the compiler refuses it
      }
      return total;
    }

    private long sequence(int depth) throws Refused {
      if (depth > MAX_LENGTH / 4) {
        throw new Refused("The pattern is nested too deeply.");
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

    private long atom(char c, int depth) throws Refused {
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
