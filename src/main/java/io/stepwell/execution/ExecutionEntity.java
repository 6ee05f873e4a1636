package io.stepwell.execution;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.NullUnmarked;

/**
 * A row of {@code execution} as queries see it. It is never dirty-checked into the database: every
 * write is a fenced statement.
 */
@Entity
@Immutable
@IdClass(ExecutionEntity.Key.class)
@Table(name = "execution")
@NullUnmarked
public class ExecutionEntity extends PanacheEntityBase {
  /** Names an execution: every query says whose it is. */
  public record Key(UUID workspaceId, UUID id) implements Serializable {}

  @Id
  @Column(name = "workspace_id")
  public UUID workspaceId;

  @Id public UUID id;

  @Column(name = "workflow_id")
  public UUID workflowId;

  @Column(name = "workflow_version")
  public int workflowVersion;

  @Enumerated(EnumType.STRING)
  public ExecutionStatus status;

  @Column(name = "trigger_data")
  @ColumnTransformer(read = "trigger_data::text", write = "?::json")
  public String triggerData;

  @ColumnTransformer(read = "labels::text", write = "?::jsonb")
  public String labels;

  @Column(name = "user_id")
  public String userId;

  @Column(name = "idempotency_key")
  public String idempotencyKey;

  @Column(name = "request_hash")
  public byte[] requestHash;

  @Column(name = "created_at")
  public Instant createdAt;

  @Column(name = "started_at")
  public Instant startedAt;

  @Column(name = "finished_at")
  public Instant finishedAt;

  @ColumnTransformer(read = "error::text", write = "?::json")
  public String error;

  @Column(name = "total_steps")
  public int totalSteps;

  @Column(name = "successful_steps")
  public int successfulSteps;

  @Column(name = "failed_steps")
  public int failedSteps;

  @Column(name = "skipped_steps")
  public int skippedSteps;

  @Column(name = "percentage_floor")
  public int percentageFloor;

  public int change;

  @Column(name = "trace_parent")
  public String traceParent;
}
