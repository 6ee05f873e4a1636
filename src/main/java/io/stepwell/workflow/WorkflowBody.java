package io.stepwell.workflow;

import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Slug;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A definition as the OpenAPI document shows it to clients. Requests are read by {@link
 * DefinitionReader}, which says what is wrong at which place.
 */
@Schema(name = "WorkflowDefinition")
record WorkflowBody(
    @Schema(pattern = Slug.PATTERN, examples = "welcome-user") @Nullable String key,
    @Schema(maxLength = DefinitionReader.MAX_NAME_LENGTH, description = "The key by default")
        @Nullable String name,
    @Schema(maxLength = DefinitionReader.MAX_DESCRIPTION_LENGTH) @Nullable String description,
    @Schema(defaultValue = "true") @Nullable Boolean enabled,
    @Schema(
            type = SchemaType.OBJECT,
            description = "A JSON Schema (2020-12) that trigger data must satisfy")
        @Nullable Map<String, Object> triggerSchema,
    @Schema(required = true, maxItems = ActionReader.MAX_ACTIONS) List<ActionBody> actions) {

  @Schema(name = "Action")
  record ActionBody(
      @Schema(required = true, description = "A registered action type") String type,
      @Schema(
              pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$",
              description = "Unique in the workflow; <type>_<n> by default")
          @Nullable String name,
      @Schema(type = SchemaType.OBJECT, description = "What the type's schema says")
          @Nullable Map<String, Object> config,
      @Schema(
              enumeration = {"stop", "continue", "retry"},
              defaultValue = "stop")
          @Nullable String onError,
      @Schema(description = "With onError retry only") @Nullable RetryBody retry,
      @Schema(
              minimum = "1",
              maximum = "3600000",
              defaultValue = "30000",
              description = "Milliseconds for one attempt")
          @Nullable Integer timeout,
      @Schema(description = "An expression; unless it is true the step is SKIPPED")
          @Nullable String when,
      @Schema(description = "Of a condition only: what runs when it is true")
          @Nullable List<ActionBody> then,
      @Schema(name = "else", description = "Of a condition only: what runs when it is false")
          @Nullable List<ActionBody> otherwise) {}

  @Schema(name = "Retry")
  record RetryBody(
      @Schema(minimum = "1", maximum = "10", defaultValue = "3") @Nullable Integer maxRetries,
      @Schema(minimum = "0", maximum = "3600000", defaultValue = "500") @Nullable Long delayMs,
      @Schema(minimum = "1", maximum = "10", defaultValue = "2") @Nullable Double factor,
      @Schema(minimum = "0", maximum = "86400000", defaultValue = "30000")
          @Nullable Long maxDelayMs,
      @Schema(defaultValue = "true") @Nullable Boolean jitter) {}

  /** The shape of the list, for the API's description. */
  @Schema(name = "WorkflowList")
  record WorkflowList(List<Workflow.Summary> workflows, ListAnswer.Pagination pagination) {}

  /** The shape of the list of versions, for the API's description. */
  @Schema(name = "WorkflowVersionList")
  record VersionList(List<Workflow.VersionSummary> versions, ListAnswer.Pagination pagination) {}
}
