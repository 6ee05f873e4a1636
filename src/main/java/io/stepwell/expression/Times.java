package io.stepwell.expression;

import com.dashjoin.jsonata.Functions;
import java.text.ParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The functions on pictures of times and integers.
 *
 * <p>The library makes a backtracking regular expression of a picture, and pads to any width that a
 * picture names, so pictures are checked before it sees them.
 */
final class Times {
  private static final int MAX_TEXT = 64;
  private static final int MAX_INTEGER = 1024;

  /** With so many parts of any length, a text of 64 characters takes milliseconds. */
  private static final int MAX_OPEN_PARTS = 5;

  private static final int MAX_WIDTH_DIGITS = 4;
  private static final Pattern PART = Pattern.compile("\\[([^\\]]*)]");
  private static final Pattern FIXED_PART = Pattern.compile("[YMDHhms][0-9#]*o?(?:,.*)?");

  private Times() {}

  static @Nullable Object format(
      Meter meter, @Nullable Number millis, @Nullable Object picture, @Nullable Object zone) {
    String checked = picture(meter, picture);
    return Functions.dateTimeFromMillis(millis, checked, (String) zone);
  }

  static @Nullable Object toMillis(Meter meter, @Nullable Object[] args) {
    String text = (String) args[0];
    if (text != null && text.length() > MAX_TEXT) {
      throw meter.fail("a time is longer than " + MAX_TEXT + " characters");
    }
    String picture = picture(meter, args[1]);
    if (picture != null && openParts(picture) > MAX_OPEN_PARTS) {
      throw meter.fail("the picture of a time has too many parts of any length");
    }
    try {
      return Functions.dateTimeToMillis(text, picture);
    } catch (ParseException e) {
      throw meter.fail("a text is not a time");
    }
  }

  static @Nullable Object parseInteger(Meter meter, @Nullable Object[] args) {
    String text = (String) args[0];
    if (text != null && text.length() > MAX_INTEGER) {
      throw meter.fail("an integer is longer than " + MAX_INTEGER + " characters");
    }
    try {
      return Functions.parseInteger(text, Builtins.picture(meter, args[1]));
    } catch (ParseException e) {
      throw meter.fail("the picture of an integer is not supported");
    }
  }

  private static @Nullable String picture(Meter meter, @Nullable Object given) {
    String picture = Builtins.picture(meter, given);
    int digits = 0;
    for (int i = 0; picture != null && i < picture.length(); i++) {
      char c = picture.charAt(i);
      // the library drops white space, and reads digits of any script
      digits = Character.isDigit(c) ? digits + 1 : Character.isWhitespace(c) ? digits : 0;
      if (digits > MAX_WIDTH_DIGITS) {
        throw meter.fail("a width in the picture of a time is too large");
      }
    }
    return picture;
  }

  private static int openParts(String picture) {
    int open = 0;
    Matcher parts = PART.matcher(picture.replaceAll("\\s+", ""));
    while (parts.find()) {
      String part = parts.group(1);
      if (!FIXED_PART.matcher(part).matches()) {
        open += part.startsWith("Z") || part.startsWith("z") ? 2 : 1;
      }
    }
    return open;
  }
}
