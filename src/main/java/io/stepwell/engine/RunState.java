package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.execution.StepStatus;
import io.stepwell.expression.Deferred;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Times;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.WorkflowVersion;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final List<JsonNode> previous = new ArrayList<>();
  private final Outputs outputs;
  private final Set<String> secretsRead = new HashSet<>();
  private long outputBytes;
  private boolean defers;
  private int change;

  RunState(Claim claim, WorkflowVersion version, String workspaceSlug, Outputs outputs) {
    this.outputs = outputs;
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
        put(action, result);
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

  /** The values of the secrets that this run has read; what others read they have masked. */
  Set<String> secretsRead() {
    return secretsRead;
  }

  void read(Set<String> secrets) {
    secretsRead.addAll(secrets);
  }

  /** Whether there are outputs that are not in memory. */
  boolean defers() {
    return defers;
  }

  /** What all outputs together are as JSON text. */
  long outputBytes() {
    return outputBytes;
  }

  /** What expressions see; it grows with every step that ends. */
  ObjectNode names() {
    return names;
  }

  /** The finished steps in order, as handlers see them; what is not in memory is read then. */
  List<JsonNode> previousStepResults() {
    List<JsonNode> seen = List.copyOf(previous);
    return new AbstractList<>() {
      @Override
      public JsonNode get(int index) {
        return Deferred.resolved(seen.get(index));
      }

      @Override
      public int size() {
        return seen.size();
      }
    };
  }

  /** The number of the next change of a step. */
  int nextChange() {
    return ++change;
  }

  int change() {
    return change;
  }

  /** How often the step was begun so far. */
  int attempts(Action action) {
    @Nullable StepResult result = results.get(action.path());
    return result == null ? 0 : result.attempts();
  }

  /** Whether the output of a step that ended is in memory, if it has one. */
  boolean keeps(Action action) {
    @Nullable StepResult result = results.get(action.path());
    return result == null || result.output() != null || result.outputBytes() == 0;
  }

  void put(Action action, StepResult result) {
    if (!result.status().isTerminal()) {
      results.put(action.path(), result);
      return;
    }
    @Nullable JsonNode output = result.output();
    int bytes = output == null ? result.outputBytes() : outputs.bytes(output);
    boolean kept = output == null ? bytes == 0 : outputs.keep(output, bytes);
    outputBytes += bytes;
    defers |= !kept;
    results.put(action.path(), result.with(kept ? output : null, bytes));
    show(
        action,
        result,
        kept ? output : new Deferred(() -> outputs.fetch(action.path(), bytes), bytes));
  }

  /** A skipped step can be asked for by its name, but it is no previous result. */
  private void show(Action action, StepResult result, @Nullable JsonNode output) {
    ObjectNode seen =
        Json.object()
            .put("name", action.name())
            .put("type", action.type())
            .put("status", result.status().name());
    seen.set("output", output);
    seen.set("error", result.error());
    seen.put("attempts", result.attempts());
    steps.set(action.name(), seen);
    if (result.status() != StepStatus.SKIPPED) {
      previous.add(seen);
      previousStepResults.add(seen);
      names.set("previous", output);
    }
  }

  int count(StepStatus status) {
    return (int) results.values().stream().filter(result -> result.status() == status).count();
  }
}
