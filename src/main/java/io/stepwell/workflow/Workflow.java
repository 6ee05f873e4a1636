package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A workflow with its current definition, as it was sent.
 *
 * @param updatedAt when the current version was made
 */
@Schema(name = "Workflow")
public record Workflow(
    UUID id,
    String key,
    String name,
    @Nullable String description,
    boolean enabled,
    @Nullable JsonNode triggerSchema,
    JsonNode actions,
    int version,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant archivedAt) {

  /** A workflow as the list shows it. */
  @Schema(name = "WorkflowSummary")
  @RegisterForReflection
  public record Summary(
      UUID id,
      String key,
      String name,
      @Nullable String description,
      boolean enabled,
      int version,
      Instant createdAt,
      Instant updatedAt) {}

  /** A version as the list of versions shows it. */
  @Schema(name = "WorkflowVersionSummary")
  @RegisterForReflection
  public record VersionSummary(int version, Instant createdAt, String createdBy) {}

  /**
   * One version with its definition, as it was sent.
   *
   * @param id of the workflow
   * @param key that the workflow had in this version
   * @param createdBy who saved it
   */
  @Schema(name = "WorkflowVersion")
  public record Version(
      UUID id,
      String key,
      String name,
      @Nullable String description,
      boolean enabled,
      @Nullable JsonNode triggerSchema,
      JsonNode actions,
      int version,
      Instant createdAt,
      String createdBy) {}
}
