package io.stepwell.inbox;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Parameters;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.PageRequest;
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

  static Optional<TaskEntity> byId(UUID workspaceId, UUID id) {
    return find("id = ?1 and workspaceId = ?2", id, workspaceId).firstResultOptional();
  }

  static List<TaskEntity> newestFirst(UUID workspaceId, TaskFilter filter, PageRequest request) {
    StringBuilder where = new StringBuilder("workspaceId = :workspace and id < :bound");
    Parameters parameters = Parameters.with("workspace", workspaceId).and("bound", request.bound());
    if (!filter.statuses().isEmpty()) {
      where.append(" and status in :statuses");
      parameters.and("statuses", filter.statuses());
    }
    if (filter.assignedTo().isPresent()) {
      where.append(" and assignedTo = :assignedTo");
      parameters.and("assignedTo", filter.assignedTo().get());
    }
    return TaskEntity.<TaskEntity>find(where + " order by id desc", parameters)
        .page(0, request.fetch())
        .list();
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
        result == null ? null : Json.read(result),
        completedBy,
        createdAt,
        updatedAt,
        completedAt);
  }
}
