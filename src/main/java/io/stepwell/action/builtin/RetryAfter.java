package io.stepwell.action.builtin;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the header {@code Retry-After}: seconds, or a date in any of the forms of RFC 9110. */
final class RetryAfter {
  private static final Duration LONGEST = Duration.ofDays(366);
  private static final Pattern SECONDS = Pattern.compile("[0-9]+");
  // more digits than this are more than the longest delay
  private static final int DIGITS = 9;

  // the day of the week says nothing that the date does not
  private static final Pattern DAY_OF_WEEK = Pattern.compile("^[A-Za-z]{3,9},? +");

  private RetryAfter() {}

  /**
   * The delay, at most 366 days; empty where the text is neither a number nor a date, or the date
   * has passed.
   */
  static Optional<Duration> parse(String text, Instant now) {
    String value = text.strip();
    if (SECONDS.matcher(value).matches()) {
      return Optional.of(seconds(value));
    }
    return date(value, now)
        .map(date -> Duration.between(now, date))
        .filter(delay -> !delay.isNegative())
        .map(RetryAfter::atMost);
  }

  private static Duration seconds(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > DIGITS
        ? LONGEST
        : atMost(Duration.ofSeconds(Long.parseLong(significant)));
  }

  private static Duration atMost(Duration delay) {
    return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
  }

  // RFC 9110 section 5.6.7: IMF-fixdate, rfc850-date and asctime-date
  private static Optional<Instant> date(String text, Instant now) {
    String date = DAY_OF_WEEK.matcher(text).replaceFirst("");
    for (DateTimeFormatter form : forms(now)) {
      try {
        return Optional.of(LocalDateTime.parse(date, form).toInstant(ZoneOffset.UTC));
      } catch (DateTimeException another) {
        // not this form
      }
    }
    return Optional.empty();
  }

  private static List<DateTimeFormatter> forms(Instant now) {
    int fiftyYearsAgo = now.atOffset(ZoneOffset.UTC).getYear() - 49;
    return List.of(
        form("d MMM uuuu HH:mm:ss 'GMT'"),
        new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("d-MMM-")
            .appendValueReduced(ChronoField.YEAR, 2, 2, fiftyYearsAgo)
            .appendPattern(" HH:mm:ss 'GMT'")
            .toFormatter(Locale.ROOT),
        form("MMM ppd HH:mm:ss uuuu"));
  }

  private static DateTimeFormatter form(String pattern) {
    return new DateTimeFormatterBuilder()
        .parseCaseInsensitive()
        .appendPattern(pattern)
        .toFormatter(Locale.ROOT);
  }
}
