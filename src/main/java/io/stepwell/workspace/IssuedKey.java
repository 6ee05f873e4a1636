package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A key at the one moment when its text is known.
 *
 * @param key the whole text, for the {@code Authorization} header
 */
@RegisterForReflection
public record IssuedKey(
    UUID id,
    String name,
    Role role,
    @Schema(nullable = true) @Nullable String userId,
    String prefix,
    @Schema(nullable = true) @Nullable Instant expiresAt,
    Instant createdAt,
    String key) {

  static IssuedKey of(ApiKey k, String key) {
    return new IssuedKey(
        k.id(), k.name(), k.role(), k.userId(), k.prefix(), k.expiresAt(), k.createdAt(), key);
  }

  @Override
  public String toString() {
    return "IssuedKey[" + prefix + "]"; // never the key itself
  }
}
