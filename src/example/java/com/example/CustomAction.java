package com.example;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;

/** An action type as somebody else would add one: this file is all that it takes. */
@ActionType("custom_action")
@ApplicationScoped
public class CustomAction implements ActionHandler {

  @Override
  public ObjectNode configSchema() {
    return (ObjectNode)
        Json.read(
            """
            {"type": "object", "required": ["fail"], "additionalProperties": true,
             "properties": {"fail": {"enum": ["never", "once", "always"]}}}\
            """);
  }

  @Override
  public ActionResult handle(ActionContext context) {
    String fail = context.config().path("fail").asText();
    if (fail.equals("always")) {
      throw ActionFailure.permanent("custom_failure", "It was told to fail.");
    }
    if (fail.equals("once") && context.attempt() == 1) {
      throw ActionFailure.retryable("custom_failure", "It was told to fail once.");
    }
    return ActionResult.success(
        Json.object()
            .put("result", "data")
            .put("workspaceId", context.workspaceId().toString())
            .put("workflowId", context.workflowId().toString())
            .put("executionId", context.executionId().toString())
            .put("userId", context.userId())
            .put("stepName", context.stepName())
            .put("attempt", context.attempt())
            .put("idempotencyKey", context.idempotencyKey())
            .put("previousSteps", context.previousStepResults().size())
            .set("triggerData", context.triggerData()));
  }
}
