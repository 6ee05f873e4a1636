package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.RegisteredAction;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonSchema;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Room;
import io.stepwell.kernel.TraceParent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Steps to hand to handlers; single quotes stand for double ones. */
final class Steps {
  static final Instant NOW = Instant.parse("2026-11-22T19:44:15.123Z");
  static final InstantSource TIME = InstantSource.fixed(NOW);
  static final UUID WORKFLOW = UUID.fromString("019a0000-0000-7000-8000-000000000002");
  static final UUID EXECUTION = UUID.fromString("019a0000-0000-7000-8000-000000000003");
  static final String KEY = EXECUTION + ":greet";

  private Steps() {}

  static ObjectNode json(String text) {
    return (ObjectNode) Json.read(text.replace('\'', '"'));
  }

  static ActionContext step(String config) {
    return step(json(config));
  }

  static ActionContext step(ObjectNode config) {
    return new ActionContext(
        UUID.fromString("019a0000-0000-7000-8000-000000000001"),
        WORKFLOW,
        EXECUTION,
        "0",
        "greet",
        1,
        Json.object(),
        List.of(),
        "user_123",
        config,
        TraceParent.ofExecution(EXECUTION),
        Room.UNBOUNDED);
  }

  /** What the engine would say of a config whose expressions have their values. */
  static List<String> violations(ActionHandler handler, String config) {
    return pointers(registered(handler).violations(json(config), ""));
  }

  /** What is said of a config when a workflow is saved. */
  static List<String> staticViolations(ActionHandler handler, String config) {
    return pointers(registered(handler).staticViolations(json(config), ""));
  }

  private static RegisteredAction registered(ActionHandler handler) {
    JsonNode schema = handler.configSchema();
    List<Problem> problems = new ArrayList<>();
    JsonSchema parsed =
        JsonSchema.parse(schema, "", problems)
            .orElseThrow(() -> new AssertionError("no schema: " + problems));
    return new RegisteredAction("any", handler, handler.configSchema(), parsed);
  }

  private static List<String> pointers(List<Problem> problems) {
    return problems.stream().map(Problem::pointer).distinct().toList();
  }
}
