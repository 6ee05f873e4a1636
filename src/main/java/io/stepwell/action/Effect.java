package io.stepwell.action;

import java.time.Instant;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A row that an action creates in this service. */
public sealed interface Effect {

  /** The same with every text that its author wrote changed. */
  Effect with(UnaryOperator<String> change);

  private static @Nullable String changed(@Nullable String text, UnaryOperator<String> change) {
    return text == null ? null : change.apply(text);
  }

  /**
   * A notification in the workspace's inbox.
   *
   * @param channel {@code inbox}, {@code email} or {@code webhook}: how it was delivered
   */
  record CreateNotification(
      UUID id,
      String channel,
      String recipient,
      @Nullable String subject,
      String message,
      @Nullable String url,
      Instant deliveredAt)
      implements Effect {

    @Override
    public Effect with(UnaryOperator<String> change) {
      return new CreateNotification(
          id,
          channel,
          change.apply(recipient),
          changed(subject, change),
          change.apply(message),
          changed(url, change),
          deliveredAt);
    }
  }

  /** A task for a person. */
  record CreateTask(
      UUID id,
      String title,
      @Nullable String description,
      String priority,
      @Nullable String assignedTo,
      @Nullable Instant dueAt,
      boolean waitForCompletion)
      implements Effect {

    @Override
    public Effect with(UnaryOperator<String> change) {
      return new CreateTask(
          id,
          change.apply(title),
          changed(description, change),
          priority,
          changed(assignedTo, change),
          dueAt,
          waitForCompletion);
    }
  }
}
