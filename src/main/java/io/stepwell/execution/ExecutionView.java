package io.stepwell.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution as clients see it.
 *
 * @param triggerData absent in lists, and where there was no memory for it
 * @param error {@code {code, message, step, attempts}} of the step that ended it
 * @param steps every action of its version in order, those not started too; absent in lists
 */
public record ExecutionView(
    UUID id,
    UUID workflowId,
    String workflowKey,
    int workflowVersion,
    ExecutionStatus status,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable JsonNode triggerData,
    String userId,
    JsonNode labels,
    @Nullable JsonNode error,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<StepView> steps,
    Progress progress,
    Timing timing) {

  /** The same with its trigger data and its steps. */
  ExecutionView with(@Nullable JsonNode newTriggerData, @Nullable List<StepView> newSteps) {
    return new ExecutionView(
        id,
        workflowId,
        workflowKey,
        workflowVersion,
        status,
        newTriggerData,
        userId,
        labels,
        error,
        newSteps,
        progress,
        timing);
  }
}
