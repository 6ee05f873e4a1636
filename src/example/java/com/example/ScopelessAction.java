package com.example;

import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.kernel.Json;

/** A handler whose author forgot the scope. */
@ActionType("scopeless_action")
public class ScopelessAction implements ActionHandler {

  @Override
  public ActionResult handle(ActionContext context) {
    return ActionResult.success(Json.object());
  }
}
