package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Slug;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A workflow and what of its current version is asked for without its document. */
@Entity
@IdClass(WorkflowEntity.Key.class)
@Table(name = "workflow")
class WorkflowEntity extends PanacheEntityBase {
  private static final String BY_KEY =
      """
      select * from workflow where workspace_id = ?1 and key = ?2 and archived_at is %s
      order by id desc limit 1 %s
      """;

  /** Names a workflow: what is asked of the database always says whose it is. */
  record Key(UUID workspaceId, UUID id) implements Serializable {}

  @Id
  @Column(name = "workspace_id")
  UUID workspaceId;

  @Id UUID id;

  String key;
  int version;
  String name;
  @Nullable String description;
  boolean enabled;

  @Column(name = "created_at", updatable = false)
  Instant createdAt;

  @Column(name = "updated_at")
  Instant updatedAt;

  @Column(name = "archived_at")
  @Nullable Instant archivedAt;

  /** Goes on to the next version, taking over what its draft says of the workflow itself. */
  void take(Draft draft, String newKey, Instant now) {
    version++;
    key = newKey;
    name = draft.nameOr(newKey);
    description = draft.description();
    enabled = draft.enabled();
    updatedAt = now;
  }

  Workflow toWorkflow(JsonNode document) {
    return new Workflow(
        id,
        key,
        name,
        description,
        enabled,
        document.get("triggerSchema"),
        document.path("actions"),
        version,
        createdAt,
        updatedAt,
        archivedAt);
  }

  Workflow.Summary toSummary() {
    return new Workflow.Summary(id, key, name, description, enabled, version, createdAt, updatedAt);
  }

  /** One that is not archived, by its id or, where no workflow has that id, by its key. */
  static Optional<WorkflowEntity> live(UUID workspaceId, String idOrKey, LockModeType lock) {
    return byId(workspaceId, idOrKey, lock)
        .filter(workflow -> workflow.archivedAt == null)
        .or(() -> byKey(workspaceId, idOrKey, "null", lock));
  }

  /** One that may be archived; of several that had a key the live one, else the youngest. */
  static Optional<WorkflowEntity> any(UUID workspaceId, String idOrKey) {
    return byId(workspaceId, idOrKey, LockModeType.NONE)
        .or(() -> byKey(workspaceId, idOrKey, "null", LockModeType.NONE))
        .or(() -> byKey(workspaceId, idOrKey, "not null", LockModeType.NONE));
  }

  /** Those that are not archived. */
  static List<WorkflowEntity> newestFirst(UUID workspaceId, PageRequest request) {
    return WorkflowEntity.<WorkflowEntity>find(
            "workspaceId = ?1 and archivedAt is null and id < ?2 order by id desc",
            workspaceId,
            request.bound())
        .range(0, request.limit())
        .list();
  }

  /** Whether a workflow other than {@code id} has the key now. */
  static boolean isTaken(UUID workspaceId, String key, UUID id) {
    return count(
            "workspaceId = ?1 and key = ?2 and archivedAt is null and id <> ?3",
            workspaceId,
            key,
            id)
        > 0;
  }

  private static Optional<WorkflowEntity> byId(UUID workspaceId, String id, LockModeType lock) {
    return Ids.parse(id).flatMap(uuid -> findByIdOptional(new Key(workspaceId, uuid), lock));
  }

  private static Optional<WorkflowEntity> byKey(
      UUID workspaceId, String key, String archived, LockModeType lock) {
    if (!Slug.matches(key)) {
      return Optional.empty();
    }
    // in SQL for the first request of a process, see WorkspaceEntity
    return getSession()
        .createNativeQuery(
            BY_KEY.formatted(archived, lock == LockModeType.NONE ? "" : "for no key update"),
            WorkflowEntity.class)
        .setParameter(1, workspaceId)
        .setParameter(2, key)
        .uniqueResultOptional();
  }

  static Failure notFound(String idOrKey) {
    return Failure.notFound("workflow", idOrKey);
  }
}
