package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.engine.JournalEntry.After;
import io.stepwell.engine.JournalEntry.At;
import io.stepwell.engine.JournalEntry.Due;
import io.stepwell.engine.JournalEntry.Never;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.kernel.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What stands in journal entries, as the arrays of a statement take it. */
final class JournalValues {
  private JournalValues() {}

  static @Nullable String json(@Nullable JsonNode node) {
    return node == null ? null : Json.write(node);
  }

  static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  /** The time, for those that are one. */
  static @Nullable String at(Due due) {
    return switch (due) {
      case At at -> at.time().toString();
      case After after -> null;
      case OnSignal signal -> null;
      case Never never -> null;
    };
  }

  /** Milliseconds from now, for those that are so long. */
  static @Nullable Long after(Due due) {
    return switch (due) {
      case After after -> after.delay().toMillis();
      case At at -> null;
      case OnSignal signal -> null;
      case Never never -> null;
    };
  }
}
