package io.stepwell.kernel;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list is asked for.
 *
 * @param limit rows of the page, 1 to {@value #MAX_LIMIT}
 * @param before only rows with a smaller id, {@code null} for the first page
 */
public record PageRequest(int limit, @Nullable UUID before) {
  public static final int DEFAULT_LIMIT = 20;
  public static final int MAX_LIMIT = 100;
  private static final UUID AFTER_ALL = new UUID(-1, -1);

  /**
   * Reads the query parameters of a list.
   *
   * @throws Failure of kind MALFORMED for a limit or a cursor that is none
   */
  public static PageRequest of(String list, @Nullable String limit, @Nullable String cursor) {
    return new PageRequest(limit(limit), cursor == null ? null : Cursor.read(list, cursor));
  }

  /** How many rows to read in order to know whether another page follows. */
  public int fetch() {
    return limit + 1;
  }

  /** What the id of every row of the page is smaller than. */
  public UUID bound() {
    return before == null ? AFTER_ALL : before;
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // falls through to the one refusal
    }
    throw Failure.malformed(
        "invalid_limit", "limit is a whole number from 1 to " + MAX_LIMIT + ".");
  }
}
