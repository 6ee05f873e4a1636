package io.stepwell.action;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row that an action creates in this service. */
public sealed interface Effect {

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
      implements Effect {}

  /** A task for a person. */
  record CreateTask(
      UUID id,
      String title,
      @Nullable String description,
      String priority,
      @Nullable String assignedTo,
      @Nullable Instant dueAt,
      boolean waitForCompletion)
      implements Effect {}
}
