package io.stepwell.kernel;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Text in the query of a request that is compared with a column. */
public final class QueryText {
  private QueryText() {}

  /**
   * @throws Failure {@code invalid_<snakeName>} for a text that no column can hold
   */
  public static Optional<String> of(String name, String snakeName, @Nullable String text) {
    // PostgreSQL refuses U+0000, even in a comparison
    if (text != null && text.indexOf('\0') >= 0) {
      throw Failure.malformed("invalid_" + snakeName, name + " holds U+0000.");
    }
    return Optional.ofNullable(text);
  }
}
