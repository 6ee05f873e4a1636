package io.stepwell.workspace;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code workspace}. */
@Entity
@Table(name = "workspace")
public class WorkspaceEntity extends PanacheEntityBase {
  @Id public UUID id;

  @Column(nullable = false, updatable = false)
  public String slug;

  @Column(nullable = false)
  public String name;

  @Column(name = "retention_days")
  public @Nullable Integer retentionDays;

  @Column(name = "created_at", nullable = false, updatable = false)
  public Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  public Instant updatedAt;

  @Column(name = "deleted_at")
  public @Nullable Instant deletedAt;

  static Optional<WorkspaceEntity> byId(UUID id) {
    return WorkspaceEntity.<WorkspaceEntity>findByIdOptional(id)
        .filter(workspace -> workspace.deletedAt == null);
  }

  Workspace toWorkspace() {
    return new Workspace(id, slug, name, retentionDays, createdAt, updatedAt);
  }
}
