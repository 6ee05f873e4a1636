package io.stepwell.inbox;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Weighed;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code task} as queries see it; {@link EffectRows} and {@link Tasks} write it. */
@Entity
@Immutable
@Table(name = "task")
@NullUnmarked
public class TaskEntity extends PanacheEntityBase {
  @Id public UUID id;

  @Column(name = "workspace_id")
  public UUID workspaceId;

  @Column(name = "execution_id")
  public UUID executionId;

  @Column(name = "step_path")
  public String stepPath;

  public String title;

  public String description;

  public String priority;

  @Column(name = "assigned_to")
  public String assignedTo;

  @Column(name = "due_at")
  public Instant dueAt;

  @Enumerated(EnumType.STRING)
  public TaskStatus status;

  @Column(name = "wait_for_completion")
  public boolean waitForCompletion;

  @ColumnTransformer(read = "result::text", write = "?::json")
  public String result;

  @Column(name = "completed_by")
  public String completedBy;

  @Column(name = "created_at")
  public Instant createdAt;

  @Column(name = "updated_at")
  public Instant updatedAt;

  @Column(name = "completed_at")
  public Instant completedAt;

  private static final String WEIGHT =
      """
      cast(octet_length(title) + coalesce(octet_length(description), 0)
        + coalesce(octet_length(result), 0) as long)\
      """;

  private static final String WEIGH =
      """
      select new io.stepwell.kernel.Weighed(id, %s)
      from TaskEntity
      where workspaceId = :workspace and id < :bound%%s
      order by id desc
      """
          .formatted(WEIGHT);

  private static final String LARGEST =
      """
      select coalesce(max(%s), 0l)
      from TaskEntity
      where workspaceId = ?1 and %s = ?2
      """;

  /** Those of them that are there, newest first. */
  static List<TaskEntity> of(UUID workspaceId, List<UUID> ids) {
    return list("workspaceId = ?1 and id in ?2 order by id desc", workspaceId, ids);
  }

  static Optional<TaskEntity> byId(UUID workspaceId, UUID id) {
    return find("id = ?1 and workspaceId = ?2", id, workspaceId).firstResultOptional();
  }

  static Optional<TaskEntity> nextOfExecution(UUID workspaceId, UUID executionId, UUID after) {
    return TaskEntity.<TaskEntity>find(
            "workspaceId = ?1 and executionId = ?2 and id > ?3 order by id",
            workspaceId,
            executionId,
            after)
        .page(0, 1)
        .firstResultOptional();
  }

  /** Bytes of what may be large in one; 0 where it is not there. */
  static long weight(UUID workspaceId, UUID id) {
    return largest("id", workspaceId, id);
  }

  static long largestOfExecution(UUID workspaceId, UUID executionId) {
    return largest("executionId", workspaceId, executionId);
  }

  private static long largest(String column, UUID workspaceId, UUID id) {
    return getEntityManager()
        .createQuery(LARGEST.formatted(WEIGHT, column), Long.class)
        .setParameter(1, workspaceId)
        .setParameter(2, id)
        .getSingleResult();
  }

  /** The rows that a page may have, and what of them may be large. */
  static List<Weighed> newestFirst(UUID workspaceId, TaskFilter filter, PageRequest request) {
    PageQuery query = new PageQuery(WEIGH, workspaceId, request);
    if (!filter.statuses().isEmpty()) {
      query.and("status in :statuses", "statuses", filter.statuses());
    }
    filter
        .assignedTo()
        .ifPresent(assigned -> query.and("assignedTo = :assignedTo", "assignedTo", assigned));
    return query.newestFirst(getEntityManager());
  }

  Task toTask() {
    return new Task(
        id,
        executionId,
        stepPath,
        title,
        description,
        priority,
        assignedTo,
        dueAt,
        status,
        waitForCompletion,
        result == null ? null : Json.asItIs(result),
        completedBy,
        createdAt,
        updatedAt,
        completedAt);
  }
}
