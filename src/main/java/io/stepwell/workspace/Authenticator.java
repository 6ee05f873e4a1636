package io.stepwell.workspace;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Named;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
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

  // this says whose key it is, so it cannot be held to a workspace: it goes past the pool of
  // requests
  private static final String BY_HASH =
      """
      select k.workspace_id, k.id, k.role, k.prefix, k.user_id, k.expires_at
      from api_key k
      where k.hash = ? and k.revoked_at is null
      """;

  private record KnownKey(UUID id, Principal.KeyHolder holder, @Nullable Instant expiresAt) {}

  private final ShortCache<ByteBuffer, KnownKey> keys =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));
  private final DataSource database;
  private final InstantSource time;
  private final KeyUse use;
  private final byte @Nullable [] adminHash;

  Authenticator(
      BootstrapConfig config,
      @Named("instance") DataSource database,
      InstantSource time,
      KeyUse use) {
    this.database = database;
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
    return keys.get(ByteBuffer.wrap(hash), this::lookUp)
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
  private Optional<KnownKey> lookUp(ByteBuffer hash) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(BY_HASH)) {
      statement.setBytes(1, hash.array());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(known(row)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a key cannot be looked up", e);
    }
  }

  private static KnownKey known(ResultSet row) throws SQLException {
    @Nullable String userId = row.getString("user_id");
    @Nullable OffsetDateTime expiresAt = row.getObject("expires_at", OffsetDateTime.class);
    return new KnownKey(
        row.getObject("id", UUID.class),
        new Principal.KeyHolder(
            row.getObject("workspace_id", UUID.class),
            userId == null ? "apikey:" + row.getString("prefix") : userId,
            Role.of(row.getString("role"))),
        expiresAt == null ? null : expiresAt.toInstant());
  }
}
