package io.stepwell.workspace;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.stepwell.kernel.PageRequest;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code api_key}. */
@Entity
@IdClass(ApiKeyEntity.Key.class)
@Table(name = "api_key")
public class ApiKeyEntity extends PanacheEntityBase {
  /** Names a key: what is asked of the database says whose it is. */
  record Key(UUID workspaceId, UUID id) implements Serializable {}

  @Id
  @Column(name = "workspace_id", nullable = false)
  public UUID workspaceId;

  @Id public UUID id;

  @Column(nullable = false)
  public String name;

  @Column(nullable = false)
  public String role;

  @Column(nullable = false, updatable = false)
  public String prefix;

  @Column(nullable = false, updatable = false)
  public byte[] hash;

  @Column(name = "user_id")
  public @Nullable String userId;

  @Column(name = "created_at", nullable = false, updatable = false)
  public Instant createdAt;

  @Column(name = "expires_at")
  public @Nullable Instant expiresAt;

  @Column(name = "last_used_at")
  public @Nullable Instant lastUsedAt;

  @Column(name = "revoked_at")
  public @Nullable Instant revokedAt;

  static Optional<ApiKeyEntity> byId(UUID workspaceId, UUID id) {
    return find("id = ?1 and workspaceId = ?2 and revokedAt is null", id, workspaceId)
        .firstResultOptional();
  }

  static List<ApiKeyEntity> newestFirst(UUID workspaceId, PageRequest request) {
    return ApiKeyEntity.<ApiKeyEntity>find(
            "workspaceId = ?1 and revokedAt is null and id < ?2 order by id desc",
            workspaceId,
            request.bound())
        .page(0, request.fetch())
        .list();
  }

  ApiKey toApiKey() {
    return new ApiKey(id, name, role(), userId, prefix, expiresAt, createdAt, lastUsedAt);
  }

  private Role role() {
    return Role.of(role);
  }
}
