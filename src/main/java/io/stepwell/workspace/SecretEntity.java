package io.stepwell.workspace;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.stepwell.kernel.PageRequest;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A row of {@code secret}. */
@Entity
@Table(name = "secret")
public class SecretEntity extends PanacheEntityBase {
  @Id public UUID id;

  @Column(name = "workspace_id", nullable = false, updatable = false)
  public UUID workspaceId;

  @Column(nullable = false, updatable = false)
  public String name;

  @Column(nullable = false)
  public byte[] ciphertext;

  @Column(name = "updated_at", nullable = false)
  public Instant updatedAt;

  @Column(name = "updated_by", nullable = false)
  public String updatedBy;

  static Optional<SecretEntity> byName(UUID workspaceId, String name) {
    return find("workspaceId = ?1 and name = ?2", workspaceId, name).firstResultOptional();
  }

  static List<SecretEntity> newestFirst(UUID workspaceId, PageRequest request) {
    return SecretEntity.<SecretEntity>find(
            "workspaceId = ?1 and id < ?2 order by id desc", workspaceId, request.bound())
        .page(0, request.fetch())
        .list();
  }
}
