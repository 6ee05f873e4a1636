package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.RegisteredAction;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonSchema;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/** Definitions in tests, and what reads them. */
final class Definitions {
  private static final Map<String, String> CONFIG_SCHEMAS =
      Map.of(
          "wait", "{'type': 'object'}",
          "condition", "{'type': 'object'}",
          "note",
              "{'type': 'object', 'required': ['text'], 'properties': {'text': {'type':"
                  + " 'string'}}}");

  private Definitions() {}

  /**
   * @param text JSON with single quotes
   */
  static JsonNode json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  /** A reader that knows the action types wait, condition and note; a note needs a text. */
  static DefinitionReader reader() {
    return new DefinitionReader(
        type -> Optional.ofNullable(CONFIG_SCHEMAS.get(type)).map(s -> registered(type, s)));
  }

  private static RegisteredAction registered(String type, String schema) {
    ObjectNode document = (ObjectNode) json(schema);
    return new RegisteredAction(
        type,
        new Inert(),
        document,
        JsonSchema.parse(document, "", new ArrayList<>()).orElseThrow());
  }

  /** Is only asked for its template, never run. */
  private static final class Inert implements ActionHandler {
    @Override
    public ActionResult handle(ActionContext context) {
      throw new UnsupportedOperationException("no test of definitions runs one");
    }
  }
}
