package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/** What may be told about a secret: never its value. */
@RegisterForReflection
public record Secret(String name, Instant updatedAt) {}
