package io.stepwell.workspace;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code audit_entry}. */
@Entity
@Table(name = "audit_entry")
public class AuditEntity extends PanacheEntityBase {
  @Id public UUID id;

  @Column(name = "workspace_id")
  public @Nullable UUID workspaceId;

  @Column(nullable = false)
  public String actor;

  @Column(nullable = false)
  public String verb;

  @Column(nullable = false)
  public String subject;

  @Column(nullable = false)
  public Instant at;
}
