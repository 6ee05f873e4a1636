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

  @Column(name = "created_at", nullable = false, updatable = false)
  public Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  public Instant updatedAt;

  @Column(name = "deleted_at")
  public @Nullable Instant deletedAt;

  static Optional<WorkspaceEntity> bySlug(String slug) {
    return find("slug = ?1 and deletedAt is null", slug).firstResultOptional();
  }

  static Optional<WorkspaceEntity> byId(UUID id) {
    return find("id = ?1 and deletedAt is null", id).firstResultOptional();
  }

  static List<WorkspaceEntity> newestFirst(PageRequest request) {
    return WorkspaceEntity.<WorkspaceEntity>find(
            "deletedAt is null and id < ?1 order by id desc", request.bound())
        .page(0, request.fetch())
        .list();
  }

  Workspace toWorkspace() {
    return new Workspace(id, slug, name, createdAt, updatedAt);
  }
}
