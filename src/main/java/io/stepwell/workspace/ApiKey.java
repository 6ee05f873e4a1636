package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A key of a workspace, without its secret.
 *
 * @param userId in whose name the key acts; null for its own
 * @param lastUsedAt to about a minute
 */
@RegisterForReflection
public record ApiKey(
    UUID id,
    String name,
    Role role,
    @Schema(nullable = true) @Nullable String userId,
    String prefix,
    @Schema(nullable = true) @Nullable Instant expiresAt,
    Instant createdAt,
    @Schema(nullable = true) @Nullable Instant lastUsedAt) {}
