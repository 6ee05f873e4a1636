package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.workflow.Action;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an execution needs next. */
sealed interface Next {

  /** Make an attempt. */
  record Run(Action action, int attemptsSoFar) implements Next {}

  /** Record steps that will never run. */
  record Skip(List<Action> actions) implements Next {}

  /** A wait is over: record the step as done. */
  record Complete(Action action, @Nullable JsonNode output) implements Next {}

  /** A wait ended badly: record the step as failed. */
  record Fail(Action action, JsonNode error) implements Next {}

  /** Nothing to do before a time of the database's clock. */
  record Sleep(Action action, Instant until) implements Next {}

  /** Nothing to do before somebody signals this step. */
  record AwaitSignal(Action action) implements Next {}

  /** Everything that can be done is done; {@code failed} is the step that ended it, if one did. */
  record Finish(@Nullable Action failed) implements Next {}
}
