package io.stepwell.action;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What an attempt that did not fail came to. */
public sealed interface ActionResult {

  /** Rows to be written together with the step's record, exactly once. */
  List<Effect> effects();

  /** The step is done. */
  record Success(JsonNode output, List<Effect> effects) implements ActionResult {}

  /**
   * The step is done once the time has passed; until then it holds no thread and no connection.
   *
   * @param delay counted by the database's clock from the moment the step is recorded
   */
  record WaitFor(Duration delay, JsonNode output) implements ActionResult {
    @Override
    public List<Effect> effects() {
      return List.of();
    }
  }

  /** The step is done at a time of the database's clock. */
  record WaitUntil(Instant time, JsonNode output) implements ActionResult {
    @Override
    public List<Effect> effects() {
      return List.of();
    }
  }

  /** The step is done when somebody signals it, such as by completing the task that it created. */
  record WaitForSignal(List<Effect> effects) implements ActionResult {}

  static ActionResult success(JsonNode output) {
    return new Success(output, List.of());
  }

  static ActionResult success(JsonNode output, Effect effect) {
    return new Success(output, List.of(effect));
  }
}
