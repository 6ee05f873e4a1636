package io.stepwell.action;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Room;
import io.stepwell.kernel.TraceParent;
import java.util.List;
import java.util.UUID;

/**
 * What a handler knows of the step that it runs.
 *
 * @param workspaceId the current workspace
 * @param workflowId the current workflow
 * @param executionId the current execution
 * @param stepPath the place of the step in its workflow, such as {@code 2.then.0}
 * @param stepName the name of the step, unique in its workflow
 * @param attempt counts the attempts of this step from 1
 * @param triggerData what the execution was started with
 * @param previousStepResults the finished steps in order, each {@code {name, type, status, output,
 *     error, attempts}}
 * @param userId who started the execution
 * @param config the action's config, its expressions replaced by their values
 * @param trace the attempt's place in a trace; its header goes with every request to another
 *     service
 * @param room memory for large answers, which the engine takes back once the step is recorded
 */
public record ActionContext(
    UUID workspaceId,
    UUID workflowId,
    UUID executionId,
    String stepPath,
    String stepName,
    int attempt,
    JsonNode triggerData,
    List<JsonNode> previousStepResults,
    String userId,
    ObjectNode config,
    TraceParent trace,
    Room room) {

  /** The same step, at another attempt. */
  public ActionContext withAttempt(int number) {
    return new ActionContext(
        workspaceId,
        workflowId,
        executionId,
        stepPath,
        stepName,
        number,
        triggerData,
        previousStepResults,
        userId,
        config,
        trace,
        room);
  }

  /** The same attempt, at this place in its trace. */
  public ActionContext withTrace(TraceParent place) {
    return new ActionContext(
        workspaceId,
        workflowId,
        executionId,
        stepPath,
        stepName,
        attempt,
        triggerData,
        previousStepResults,
        userId,
        config,
        place,
        room);
  }

  /** The same for every attempt of this step: {@code <executionId>:<step name>}. */
  public String idempotencyKey() {
    return executionId + ":" + stepName;
  }
}
