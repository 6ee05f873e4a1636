package io.stepwell.workspace;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a key may do in its workspace, each role including the ones before it. */
public enum Role {
  VIEWER,
  OPERATOR,
  EDITOR,
  ADMIN;

  /** Whether a key of this role may do what {@code needed} allows. */
  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }

  /** The role of this {@link #spelling}. */
  static Role of(String spelling) {
    return valueOf(spelling.toUpperCase(Locale.ROOT));
  }

  /** The role as the API and the database write it. */
  @JsonValue
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
