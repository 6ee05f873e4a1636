package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Sort;
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
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.Immutable;

/** One version of a workflow; written once and never changed. */
@Entity
@Immutable
@IdClass(WorkflowVersionEntity.Id.class)
@Table(name = "workflow_version")
class WorkflowVersionEntity extends PanacheEntityBase {

  /** Names a version. */
  record Id(UUID workspaceId, UUID workflowId, int version) implements Serializable {}

  private static final String BYTES =
      """
      select cast(octet_length(cast(definition as text)) as bigint)
      from workflow_version
      where workspace_id = ?1 and workflow_id = ?2 and version = ?3
      """;

  /** The name of the list of versions, which its cursors are bound to. */
  static final String LIST = "versions";

  @jakarta.persistence.Id
  @Column(name = "workspace_id")
  UUID workspaceId;

  @jakarta.persistence.Id
  @Column(name = "workflow_id")
  UUID workflowId;

  @jakarta.persistence.Id int version;

  // json, not jsonb: the document comes back as it was sent
  @ColumnTransformer(write = "cast(? as json)")
  String definition;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "created_by")
  String createdBy;

  static Optional<WorkflowVersionEntity> of(UUID workspaceId, UUID workflowId, int version) {
    return findByIdOptional(new Id(workspaceId, workflowId, version));
  }

  /** Bytes of the definition of a version; 0 where it is not there. */
  static long bytes(UUID workspaceId, UUID workflowId, int version) {
    return getSession()
        .createNativeQuery(BYTES, Long.class)
        .setParameter(1, workspaceId)
        .setParameter(2, workflowId)
        .setParameter(3, version)
        .uniqueResultOptional()
        .orElse(0L);
  }

  /** Newest first. */
  static List<Workflow.VersionSummary> newestFirst(
      UUID workspaceId, UUID workflowId, PageRequest request) {
    return find(
            "workspaceId = ?1 and workflowId = ?2 and version < ?3",
            Sort.descending("version"),
            workspaceId,
            workflowId,
            request.before() == null ? Integer.MAX_VALUE : number(request.before()))
        .project(Workflow.VersionSummary.class)
        .range(0, request.limit())
        .list();
  }

  /** A version's number in the form that cursors carry. */
  static UUID place(int version) {
    return new UUID(0, version);
  }

  private static int number(UUID place) {
    return (int) place.getLeastSignificantBits();
  }

  /**
   * @param document its definition, parsed
   */
  Workflow.Version toVersion(JsonNode document) {
    return new Workflow.Version(
        workflowId,
        document.path("key").textValue(),
        document.path("name").textValue(),
        document.path("description").textValue(),
        document.path("enabled").booleanValue(),
        document.get("triggerSchema"),
        document.path("actions"),
        version,
        createdAt,
        createdBy);
  }
}
