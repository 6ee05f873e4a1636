package com.example;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;

/** All that an action type of one's own takes: this file, in the application or in a jar beside. */
@ActionType("custom_action")
@ApplicationScoped
public class CustomAction implements ActionHandler {

  @Override
  public ActionResult handle(ActionContext context) {
    ObjectNode output = Json.object().put("result", "data");
    output.set("config", context.config());
    return ActionResult.success(output);
  }
}
