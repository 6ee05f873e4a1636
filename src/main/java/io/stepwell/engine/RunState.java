package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Times;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.WorkflowVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a runner knows of its execution: the results so far and the names that expressions see. Not
 * thread-safe.
 */
final class RunState {
  private final Claim claim;
  private final WorkflowVersion version;
  private final Map<String, StepResult> results;
  private final ObjectNode names = Json.object();
  private final ObjectNode steps = Json.object();
  private final ArrayNode previousStepResults = Json.array();
  private int change;

  RunState(Claim claim, WorkflowVersion version, String workspaceSlug) {
    this.claim = claim;
    this.version = version;
    this.results = claim.results();
    this.change = claim.change();
    names.set("trigger", claim.triggerData());
    names.set("triggerData", claim.triggerData());
    names.set("steps", steps);
    names.putNull("previous");
    names.set("previousStepResults", previousStepResults);
    names
        .putObject("workspace")
        .put("id", claim.workspaceId().toString())
        .put("slug", workspaceSlug);
    names
        .putObject("workflow")
        .put("id", claim.workflowId().toString())
        .put("key", version.key())
        .put("version", version.version());
    names
        .putObject("execution")
        .put("id", claim.executionId().toString())
        .put("startedAt", Times.format(claim.startedAt()));
    names.putObject("user").put("id", claim.userId());
    for (Action action : version.definition().allActions()) {
      @Nullable StepResult result = results.get(action.path());
      if (result != null && result.status().isTerminal()) {
        show(action, result);
      }
    }
  }

  Claim claim() {
    return claim;
  }

  WorkflowVersion version() {
    return version;
  }

  Map<String, StepResult> results() {
    return results;
  }

  boolean defers() {
    return false;
  }

  /** What expressions see; it grows with every step that ends. */
  ObjectNode names() {
    return names;
  }

  /** The finished steps in order, as handlers see them. */
  List<JsonNode> previousStepResults() {
    List<JsonNode> previous = new ArrayList<>();
    previousStepResults.forEach(previous::add);
    return previous;
  }

  /** The number of the next change of a step. */
  int nextChange() {
    return ++change;
  }

  int change() {
    return change;
  }

  void put(Action action, StepResult result) {
    results.put(action.path(), result);
    if (result.status().isTerminal()) {
      show(action, result);
    }
  }

  /** A skipped step can be asked for by its name, but it is no previous result. */
  private void show(Action action, StepResult result) {
    ObjectNode seen =
        Json.object()
            .put("name", action.name())
            .put("type", action.type())
            .put("status", result.status().name());
    seen.set("output", result.output());
    seen.set("error", result.error());
    seen.put("attempts", result.attempts());
    steps.set(action.name(), seen);
    if (result.status() != StepStatus.SKIPPED) {
      previousStepResults.add(seen);
      names.set("previous", result.output());
    }
  }

  int count(StepStatus status) {
    return (int) results.values().stream().filter(result -> result.status() == status).count();
  }
}
