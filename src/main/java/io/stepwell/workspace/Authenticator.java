package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells whom a key belongs to.
 *
 * <p>Thread-safe. A key that is revoked here stops working at once, one that is revoked on another
 * replica within {@value #SECONDS} seconds.
 */
@Startup
@ApplicationScoped
public class Authenticator {
  private static final Logger LOG = Logger.getLogger(Authenticator.class);
  private static final int SECONDS = 3;
  private static final int CAPACITY = 10_000;
  private static final int SHORTEST_ADMIN_KEY = 16;

  private record KnownKey(UUID id, Principal.KeyHolder holder, @Nullable Instant expiresAt) {}

  private final ShortCache<ByteBuffer, KnownKey> keys =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));
  private final InstantSource time;
  private final KeyUse use;
  private final byte @Nullable [] adminHash;

  Authenticator(BootstrapConfig config, InstantSource time, KeyUse use) {
    this.time = time;
    this.use = use;
    this.adminHash = config.adminKey().map(Authenticator::adminHash).orElse(null);
    if (adminHash == null) {
      LOG.warn("stepwell.bootstrap.admin-key is not set: nobody can create a workspace");
    }
  }

  private static byte[] adminHash(String key) {
    if (key.length() < SHORTEST_ADMIN_KEY) {
      throw new IllegalArgumentException(
          "stepwell.bootstrap.admin-key has less than " + SHORTEST_ADMIN_KEY + " characters");
    }
    return KeyText.hash(key);
  }

  Optional<Principal> authenticate(String text) {
    byte[] hash = KeyText.hash(text);
    if (adminHash != null && MessageDigest.isEqual(adminHash, hash)) {
      return Optional.of(new Principal.InstanceAdministrator());
    }
    if (!KeyText.isApiKey(text)) {
      return Optional.empty();
    }
    Instant now = time.instant();
    return keys.get(ByteBuffer.wrap(hash), Authenticator::lookUp)
        .filter(key -> key.expiresAt == null || now.isBefore(key.expiresAt))
        .map(key -> {
          use.note(key.holder.workspaceId(), key.id, now);
          return key.holder;
        });
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) KeyRevoked revoked) {
    keys.clear();
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    keys.clear();
  }

  @SuppressWarnings("ByteBufferBackingArray") // wraps the whole of its array
  private static Optional<KnownKey> lookUp(ByteBuffer hash) {
    return QuarkusTransaction.requiringNew()
        .call(() -> ApiKeyEntity.byHash(hash.array()).map(Authenticator::known));
  }

  private static KnownKey known(ApiKeyEntity key) {
    String userId = key.userId == null ? "apikey:" + key.prefix : key.userId;
    return new KnownKey(
        key.id, new Principal.KeyHolder(key.workspaceId, userId, key.role()), key.expiresAt);
  }
}
