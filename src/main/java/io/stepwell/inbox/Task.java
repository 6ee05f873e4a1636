package io.stepwell.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a workflow asks a person to do.
 *
 * @param stepPath the step that created it, such as {@code 2.then.0}
 * @param priority {@code LOW}, {@code MEDIUM}, {@code HIGH} or {@code URGENT}
 * @param waitForCompletion whether the step lasts until the task is finished
 * @param result what whoever worked on it gave, any JSON; {@code null} for nothing
 * @param completedBy the user id of whoever finished it; {@code null} where the execution's
 *     cancellation did
 * @param completedAt when it became DONE or CANCELLED
 */
@RegisterForReflection
public record Task(
    UUID id,
    UUID executionId,
    String stepPath,
    String title,
    @Nullable String description,
    String priority,
    @Nullable String assignedTo,
    @Nullable Instant dueAt,
    TaskStatus status,
    boolean waitForCompletion,
    @Nullable JsonNode result,
    @Nullable String completedBy,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant completedAt) {}
