package io.stepwell.engine;

import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import jakarta.enterprise.context.ApplicationScoped;

/** An action whose attempts end as the test says, when it says so. */
@ActionType("scripted")
@ApplicationScoped
class ScriptedAction implements ActionHandler {

  @Override
  public ActionResult handle(ActionContext context) throws InterruptedException {
    return Script.current().attempt(context);
  }

  /** The same without an effect outside. */
  @ActionType("scripted_inside")
  @ApplicationScoped
  static class Inside extends ScriptedAction {
    @Override
    public boolean hasOutsideEffect() {
      return false;
    }
  }
}
