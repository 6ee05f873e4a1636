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

/** A row of {@code step_run} as queries see it; the journal and cancellation write it. */
@Entity
@Immutable
@Table(name = "step_run")
@IdClass(StepRunEntity.Key.class)
@NullUnmarked
public class StepRunEntity extends PanacheEntityBase {
  /** An execution has one row for each path at most. */
  public record Key(UUID workspaceId, UUID executionId, String path) implements Serializable {}

  @Id
  @Column(name = "workspace_id")
  public UUID workspaceId;

  @Id
  @Column(name = "execution_id")
  public UUID executionId;

  @Id public String path;

  public int index;

  @Enumerated(EnumType.STRING)
  public StepStatus status;

  public int attempts;

  public int change;

  @ColumnTransformer(read = "output::text", write = "?::json")
  public String output;

  @ColumnTransformer(read = "error::text", write = "?::json")
  public String error;

  @Column(name = "started_at")
  public Instant startedAt;

  @Column(name = "finished_at")
  public Instant finishedAt;

  public String pause;
}
