package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;

/** A tenant: everything else belongs to exactly one. */
@RegisterForReflection
public record Workspace(UUID id, String slug, String name, Instant createdAt, Instant updatedAt) {}
