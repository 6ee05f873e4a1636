package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A tenant: everything else belongs to exactly one.
 *
 * @param retentionDays for how many days an ended execution is kept, {@code null} as the operator
 *     has it
 */
@RegisterForReflection
public record Workspace(
    UUID id,
    String slug,
    String name,
    @Nullable Integer retentionDays,
    Instant createdAt,
    Instant updatedAt) {}
