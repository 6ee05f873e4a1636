package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult;
import io.stepwell.action.Effect;
import io.stepwell.engine.JournalEntry.After;
import io.stepwell.engine.JournalEntry.At;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import io.stepwell.workspace.LimitsConfig;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records how the steps of one run end, and how the execution does. Its methods answer whether the
 * execution goes on here. Not thread-safe.
 */
final class Endings {
  private final RunState state;
  private final Outputs outputs;
  private final StepRecorder recorder;
  private final Lease lease;
  private final EngineConfig config;
  private final LimitsConfig limits;

  Endings(
      RunState state,
      Outputs outputs,
      StepRecorder recorder,
      Lease lease,
      EngineConfig config,
      LimitsConfig limits) {
    this.state = state;
    this.outputs = outputs;
    this.recorder = recorder;
    this.lease = lease;
    this.config = config;
    this.limits = limits;
  }

  boolean succeeded(Action action, int attempts, ActionResult result, StepInput input)
      throws LeaseLost {
    return switch (result) {
      case ActionResult.Success success ->
          completed(action, attempts, success.output(), success.effects(), input);
      case ActionResult.WaitFor wait ->
          wait.delay().compareTo(Duration.ZERO) <= 0
              ? completed(action, attempts, wait.output(), List.of(), input)
              : recorder.sleeps(
                  action, attempts, input.masking().of(wait.output()), new After(wait.delay()));
      case ActionResult.WaitUntil wait ->
          recorder.sleeps(action, attempts, input.masking().of(wait.output()), new At(wait.time()));
      case ActionResult.WaitForSignal wait ->
          recorder.awaitsSignal(action, attempts, wait.effects());
    };
  }

  private boolean completed(
      Action action, int attempts, @Nullable JsonNode given, List<Effect> effects, StepInput input)
      throws LeaseLost {
    if (given != null && outputs.bytes(given) > Outputs.LARGE) {
      outputs.makeRoom(given, lease);
    }
    @Nullable JsonNode output = input.masking().of(given);
    int bytes = outputs.bytes(output);
    if (bytes > config.maxOutputBytes()) {
      return failed(
          action,
          attempts,
          input,
          tooLarge("output_too_large", "The output is", config.maxOutputBytes()));
    }
    long most = limits.executionBytes().asLongValue();
    if (state.outputBytes() + bytes > most) {
      return failed(
          action,
          attempts,
          input,
          tooLarge("execution_too_large", "All outputs together are", most));
    }
    recorder.completed(
        action, attempts, output, effects.stream().map(input.masking()::of).toList());
    if (!state.keeps(action)) {
      // it is read from there again
      recorder.awaitDurable();
    }
    return true;
  }

  private static ActionFailure tooLarge(String code, String what, long most) {
    return ActionFailure.permanent(code, what + " larger than " + most + " bytes.");
  }

  boolean failed(Action action, int attempts, StepInput input, ActionFailure failure)
      throws LeaseLost {
    return recorder.failed(action, Math.max(1, attempts), input.error(failure));
  }

  boolean finish(@Nullable Action failed) throws LeaseLost {
    if (failed == null) {
      return recorder.finished(ExecutionStatus.COMPLETED, null);
    }
    StepResult result = state.results().get(failed.path());
    ObjectNode error = Json.object();
    if (result != null && result.error() instanceof ObjectNode stepError) {
      error.setAll(stepError);
    }
    error.put("step", failed.name()).put("attempts", state.attempts(failed));
    return recorder.finished(ExecutionStatus.FAILED, error);
  }

  /** It was taken too often: ends it, and the step that it never gets past. */
  void poisoned(@Nullable Action stuck) throws LeaseLost {
    ObjectNode error =
        Json.object()
            .put("code", "poisoned")
            .put(
                "message",
                "The execution was taken " + config.maxClaims() + " times without any progress.");
    if (stuck != null) {
      recorder.begins(stuck, state.attempts(stuck), false);
      recorder.failed(stuck, state.attempts(stuck), error);
      error = error.deepCopy();
      error.put("step", stuck.name()).put("attempts", state.attempts(stuck));
    }
    recorder.finished(ExecutionStatus.FAILED, error);
  }
}
