package io.stepwell.inbox;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.QueryText;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which notifications of a workspace are asked for.
 *
 * @param recipient empty for everybody's
 * @param unread true for those that nobody has read, false for the others, empty for both
 */
record NotificationFilter(Optional<String> recipient, Optional<Boolean> unread) {

  /**
   * Reads the query parameters of a list.
   *
   * @throws Failure {@code invalid_recipient} or {@code invalid_unread}
   */
  static NotificationFilter of(@Nullable String recipient, @Nullable String unread) {
    return new NotificationFilter(
        QueryText.of("recipient", "recipient", recipient), unread(unread));
  }

  private static Optional<Boolean> unread(@Nullable String text) {
    return switch (text) {
      case null -> Optional.empty();
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> throw Failure.malformed("invalid_unread", "unread is true or false.");
    };
  }
}
