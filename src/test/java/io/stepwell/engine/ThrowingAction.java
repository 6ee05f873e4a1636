package io.stepwell.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.eclipse.microprofile.faulttolerance.Timeout;

/** An action that throws what its config says, as the code of somebody else might. */
@ActionType("throwing")
@ApplicationScoped
class ThrowingAction implements ActionHandler {

  @Override
  public ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    return scope -> {
      if (config.path("throws").asText().equals("in its template")) {
        throw new NoClassDefFoundError("a/template");
      }
      return config;
    };
  }

  // its own guard, not that of the engine
  @Timeout(value = 50, unit = ChronoUnit.MILLIS)
  @Override
  public ActionResult handle(ActionContext context) throws InterruptedException {
    switch (context.config().path("throws").asText()) {
      case "nothing" -> {}
      case "linkage" -> throw new NoClassDefFoundError("a/missing");
      case "assertion" -> throw new AssertionError("wrong");
      case "stack" -> overflow(0);
      case "checked" -> sneakily(new IOException("sneaky"));
      case "own timeout" -> Thread.sleep(10_000);
      case "virtual machine" -> throw new InternalError("the machine");
      default -> throw new IllegalArgumentException("nothing to throw");
    }
    return ActionResult.success(Json.object());
  }

  @SuppressWarnings("InfiniteRecursion") // that is what it is for
  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneakily(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
