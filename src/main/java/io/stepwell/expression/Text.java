package io.stepwell.expression;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The functions on strings, bounded and without regular expressions.
 *
 * <p>Positions and widths count characters as people see them (code points), as JSONata says.
 */
final class Text {
  /** Searching takes the product of both lengths at worst; about a quarter of a second. */
  private static final long MAX_SEARCH = 1L << 34;

  private Text() {}

  static @Nullable Object substring(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text)) {
      return null;
    }
    int length = text.codePointCount(0, text.length());
    int start = ((Number) required(meter, args[1])).intValue();
    int from = Math.clamp(start < 0 ? (long) length + start : start, 0, length);
    long end = args[2] instanceof Number count ? (long) from + count.intValue() : length;
    int to = Math.clamp(end, from, length);
    int begin = text.offsetByCodePoints(0, from);
    return text.substring(begin, text.offsetByCodePoints(begin, to - from));
  }

  static @Nullable Object substringBefore(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text) || args[1] == null) {
      return args[0];
    }
    int at = find(meter, text, (String) args[1], 0);
    return at < 0 ? text : text.substring(0, at);
  }

  static @Nullable Object substringAfter(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text) || args[1] == null) {
      return args[0];
    }
    String mark = (String) args[1];
    int at = find(meter, text, mark, 0);
    return at < 0 ? text : text.substring(at + mark.length());
  }

  static @Nullable Object contains(Meter meter, @Nullable Object[] args) {
    return args[0] instanceof String text
        ? find(meter, text, (String) required(meter, args[1]), 0) >= 0
        : null;
  }

  static @Nullable Object pad(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text)) {
      return null;
    }
    long width = ((Number) required(meter, args[1])).longValue();
    String with = args[2] instanceof String given && !given.isEmpty() ? given : " ";
    if (Math.abs(width) > Meter.MAX_STRING || width == Long.MIN_VALUE) {
      throw meter.fail("a string in it is longer than " + Meter.MAX_STRING + " characters");
    }
    int missing = (int) Math.abs(width) - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return text;
    }
    int[] points = with.codePoints().limit(missing).toArray();
    StringBuilder padding = new StringBuilder(missing);
    for (int i = 0; i < missing; i++) {
      padding.appendCodePoint(points[i % points.length]);
    }
    return meter.admit(width < 0 ? padding + text : text + padding);
  }

  static @Nullable Object replace(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text)) {
      return null;
    }
    String mark = (String) required(meter, args[1]);
    String by = (String) required(meter, args[2]);
    if (mark.isEmpty()) {
      throw meter.fail("$replace looks for an empty string");
    }
    long left = limit(meter, args[3]);
    StringBuilder result = new StringBuilder();
    int from = 0;
    int at = left > 0 ? find(meter, text, mark, 0) : -1;
    while (at >= 0) {
      result.append(text, from, at).append(by);
      checkLength(meter, result.length());
      from = at + mark.length();
      at = --left > 0 ? text.indexOf(mark, from) : -1;
    }
    return meter.admit(result.append(text, from, text.length()).toString());
  }

  static @Nullable Object split(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof String text)) {
      return null;
    }
    String mark = (String) required(meter, args[1]);
    long left = limit(meter, args[2]);
    List<Object> parts = new ArrayList<>();
    if (mark.isEmpty()) {
      text.codePoints()
          .limit(Math.min(left, Meter.MAX_ARRAY + 1L))
          .forEach(c -> parts.add(Character.toString(c)));
      return parts;
    }
    int from = 0;
    int at = find(meter, text, mark, 0);
    while (at >= 0 && parts.size() < left && parts.size() <= Meter.MAX_ARRAY) {
      parts.add(text.substring(from, at));
      from = at + mark.length();
      at = text.indexOf(mark, from);
    }
    if (parts.size() < left) {
      parts.add(text.substring(from));
    }
    meter.charge(text.length());
    return parts;
  }

  static @Nullable Object join(Meter meter, @Nullable Object[] args) {
    if (!(args[0] instanceof List<?> parts)) {
      return args[0];
    }
    String between = args[1] instanceof String given ? given : "";
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      result.append(i == 0 ? "" : between).append((String) parts.get(i));
      checkLength(meter, result.length());
    }
    return meter.admit(result.toString());
  }

  private static void checkLength(Meter meter, int length) {
    if (length > Meter.MAX_STRING) {
      throw meter.fail("a string in it is longer than " + Meter.MAX_STRING + " characters");
    }
  }

  private static int find(Meter meter, String text, String mark, int from) {
    meter.checkClock();
    if (!isSearchable(text, mark)) {
      throw meter.fail("a search takes too long");
    }
    return text.indexOf(mark, from);
  }

  /** Whether looking for {@code mark} in {@code text} takes a bounded time. */
  static boolean isSearchable(String text, String mark) {
    return (long) text.length() * mark.length() <= MAX_SEARCH;
  }

  private static long limit(Meter meter, @Nullable Object limit) {
    if (limit == null) {
      return Integer.MAX_VALUE;
    }
    long given = ((Number) limit).longValue();
    if (given < 0) {
      throw meter.fail("a limit is negative");
    }
    return given;
  }

  private static Object required(Meter meter, @Nullable Object argument) {
    if (argument == null) {
      throw meter.fail("an argument of a function is absent");
    }
    return argument;
  }
}
