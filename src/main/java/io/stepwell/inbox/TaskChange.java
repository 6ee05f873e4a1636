package io.stepwell.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.JsonInput;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What of a task is to change: the members that are present.
 *
 * @param assignedTo a string, or JSON null for nobody
 * @param result any JSON; null for none
 */
@Schema(name = "ChangeTask", minProperties = 1)
record TaskChange(
    @Schema(implementation = TaskStatus.class) Optional<TaskStatus> status,
    @Schema(
            type = SchemaType.STRING,
            maxLength = MAX_USER,
            nullable = true,
            description = "Who is to do it; null for nobody")
        Optional<JsonNode> assignedTo,
    @Schema(
            type = SchemaType.OBJECT,
            nullable = true,
            description = "Any JSON: what the waiting step has as its output's result")
        Optional<JsonNode> result) {
  static final int MAX_USER = 320;

  /**
   * Reads the body of a request.
   *
   * @throws Failure {@code invalid_request} with everything that is wrong
   */
  static TaskChange read(JsonNode body) {
    JsonInput input = JsonInput.of(body);
    Optional<TaskStatus> status = input.choice("status", TaskStatus.class, TaskStatus::name);
    input.text("assignedTo", MAX_USER);
    input.any("result");
    input.finish();
    // null means something here, unlike for JsonInput
    Optional<JsonNode> assignedTo = Optional.ofNullable(body.get("assignedTo"));
    Optional<JsonNode> result = Optional.ofNullable(body.get("result"));
    if (status.isEmpty() && assignedTo.isEmpty() && result.isEmpty()) {
      throw Failure.malformed(
          "invalid_request", "The body has at least one of status, assignedTo and result.");
    }
    return new TaskChange(status, assignedTo, result);
  }

  /** The status that finishes the task, if this change does. */
  Optional<TaskStatus> ending() {
    return status.filter(TaskStatus::isTerminal);
  }

  /** The result that a task has after this change, {@code null} for none. */
  @Nullable JsonNode resultAfter(@Nullable JsonNode before) {
    if (result.isEmpty()) {
      return before;
    }
    return result.get().isNull() ? null : result.get();
  }

  /** Whether it asks for this status and nothing else. */
  boolean isOnly(TaskStatus wanted) {
    return status.filter(wanted::equals).isPresent() && assignedTo.isEmpty() && result.isEmpty();
  }
}
