package io.stepwell.inbox;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a workflow told somebody.
 *
 * @param stepPath the step that sent it, such as {@code 2.then.0}
 * @param channel {@code inbox}, {@code email} or {@code webhook}: how it was delivered
 * @param readAt when it was first marked as read
 */
@RegisterForReflection
public record Notification(
    UUID id,
    UUID executionId,
    String stepPath,
    String channel,
    String recipient,
    @Nullable String subject,
    String message,
    @Nullable String url,
    Instant createdAt,
    @Nullable Instant deliveredAt,
    @Nullable Instant readAt) {}
