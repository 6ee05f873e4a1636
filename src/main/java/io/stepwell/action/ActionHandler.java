package io.stepwell.action;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.Template;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import java.util.List;

/**
 * Runs the steps of one action type.
 *
 * <p>A CDI bean with a scope and the qualifier {@link ActionType}, found at start-up. It is called
 * on a virtual thread, from many executions at once, and may block. A timeout or a cancel
 * interrupts it: let {@link InterruptedException} go through. A step can be run again after a
 * crash, so send {@link ActionContext#idempotencyKey()} along with every effect outside.
 */
public interface ActionHandler {

  /**
   * Makes one attempt.
   *
   * @throws ActionFailure when the attempt failed; it says whether another one can help. Any other
   *     runtime exception counts as a failure with code {@code action_error} that a retry can help.
   */
  ActionResult handle(ActionContext context) throws InterruptedException;

  /**
   * The JSON Schema (draft 2020-12) of {@code config}, checked when a workflow is saved and again
   * once the expressions in it have their values.
   */
  default ObjectNode configSchema() {
    return Json.object().put("type", "object");
  }

  /**
   * What is wrong with a config that its schema cannot say, whatever its expressions give; asked
   * when a workflow is saved or validated.
   *
   * @param pointer RFC 6901 pointer of {@code config}, to which those of the problems belong
   */
  default List<Problem> problems(ObjectNode config, String pointer) {
    return List.of();
  }

  /**
   * Whether an attempt does something that outlives a crash of this service. If so, everything
   * before it is made durable first, and so is the fact that it began.
   */
  default boolean hasOutsideEffect() {
    return true;
  }

  /** How {@code config} becomes the values that {@link #handle} sees; by default a template. */
  default ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    return Template.parse(config, pointer, errors);
  }
}
