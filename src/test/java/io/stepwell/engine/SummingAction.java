package io.stepwell.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;

/** An action that reads the results of all steps before it. */
@ActionType("summing")
@ApplicationScoped
class SummingAction implements ActionHandler {

  @Override
  public ActionResult handle(ActionContext context) {
    ObjectNode output = Json.object();
    ArrayNode lengths = output.putArray("lengths");
    context
        .previousStepResults()
        .forEach(result -> lengths.add(result.at("/output/body/filler").asText().length()));
    return ActionResult.success(output);
  }
}
