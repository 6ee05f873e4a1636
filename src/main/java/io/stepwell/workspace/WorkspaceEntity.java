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

  @Column(name = "retention_days")
  public @Nullable Integer retentionDays;

  @Column(name = "created_at", nullable = false, updatable = false)
  public Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  public Instant updatedAt;

  @Column(name = "deleted_at")
  public @Nullable Instant deletedAt;

  static Optional<WorkspaceEntity> bySlug(String slug) {
    // in SQL, as everything that the first request of a process needs: the first query in HQL costs
    // it the making of a parser
    return getSession()
        .createNativeQuery(
            "select * from workspace where slug = ?1 and deleted_at is null", WorkspaceEntity.class)
        .setParameter(1, slug)
        .uniqueResultOptional();
  }

  static Optional<WorkspaceEntity> byId(UUID id) {
    return WorkspaceEntity.<WorkspaceEntity>findByIdOptional(id)
        .filter(workspace -> workspace.deletedAt == null);
  }

  static List<WorkspaceEntity> newestFirst(PageRequest request) {
    return WorkspaceEntity.<WorkspaceEntity>find(
            "deletedAt is null and id < ?1 order by id desc", request.bound())
        .page(0, request.fetch())
        .list();
  }

  Workspace toWorkspace() {
    return new Workspace(id, slug, name, retentionDays, createdAt, updatedAt);
  }
}
