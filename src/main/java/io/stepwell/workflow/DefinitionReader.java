package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionCatalog;
import io.stepwell.action.RegisteredAction;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.JsonSchema;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Slug;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads workflow definitions and finds everything that is wrong with one, each fault with its
 * pointer. Thread-safe; reads nothing but the document and the catalog of action types.
 */
@ApplicationScoped
class DefinitionReader {
  static final int MAX_NAME_LENGTH = 200;
  static final int MAX_DESCRIPTION_LENGTH = 10_000;
  private static final int MAX_KEY_LENGTH = 63;

  /** What a reader needs of the catalog. */
  @FunctionalInterface
  interface ActionTypes {
    Optional<RegisteredAction> find(String type);
  }

  private static final String TRIGGER_DATA = "/triggerData";

  /** What stands for a stored schema that this release does not understand: nothing gets past. */
  private static final TriggerSchema UNREADABLE =
      (data, turn) ->
          List.of(new Problem(TRIGGER_DATA, "cannot be checked: triggerSchema does not read"));

  /** What a stored definition may hold besides its actions. */
  private static final Set<String> STORED =
      Set.of("key", "name", "description", "enabled", "triggerSchema");

  /** Literal path segments beside {@code /workflows/{id}}. */
  private static final Set<String> RESERVED_KEYS = Set.of("executions", "validate");

  private final ActionTypes types;

  @Inject
  DefinitionReader(ActionCatalog catalog) {
    this((ActionTypes) catalog::find);
  }

  DefinitionReader(ActionTypes types) {
    this.types = types;
  }

  /**
   * The definition of a new workflow.
   *
   * @throws Failure with every problem: MALFORMED where the shape is wrong, INVALID {@code
   *     workflow_invalid} where only values are
   */
  Draft create(JsonNode body) {
    return draft(body, true);
  }

  /** As {@link #create}, for a workflow that has a key already: then it may be left out. */
  Draft replace(JsonNode body) {
    return draft(body, false);
  }

  /** Everything that {@link #create} would complain about. */
  List<Problem> problems(JsonNode body) {
    JsonInput input = JsonInput.of(body);
    read(input, true);
    input.end();
    return input.problems().list();
  }

  /**
   * A definition that passed when it was saved, by this release or another one. It always reads;
   * where this release does not understand it, the definition or its action says so.
   */
  Definition stored(JsonNode document) {
    JsonInput input = JsonInput.of(document);
    ActionReader reader = new ActionReader(types, listed(input), true);
    List<Action> actions = reader.read(input);
    STORED.forEach(input::any);
    input.end();
    boolean understood = input.problems().count() == reader.ofActions();
    return new Definition(
        actions,
        triggerSchema(input),
        understood ? null : "The definition has parts that this release does not know.");
  }

  private Draft draft(JsonNode body, boolean keyRequired) {
    JsonInput input = JsonInput.of(body);
    Draft draft = read(input, keyRequired);
    input.finish(Failure.Kind.INVALID, "workflow_invalid");
    return draft;
  }

  private Draft read(JsonInput input, boolean keyRequired) {
    String key = key(input, keyRequired);
    String name = input.text("name", MAX_NAME_LENGTH).orElse(null);
    String description = description(input);
    boolean enabled = input.flag("enabled").orElse(true);
    triggerSchema(input);
    actions(input);
    return new Draft(
        key,
        name,
        description,
        enabled,
        input.any("triggerSchema").orElse(null),
        input.any("actions").orElseGet(Json::array));
  }

  private static @Nullable String key(JsonInput input, boolean required) {
    if (required) {
      input.require("key");
    }
    Optional<String> key =
        input.text("key", MAX_KEY_LENGTH, Slug::matches, "does not match " + Slug.PATTERN);
    if (key.isPresent() && RESERVED_KEYS.contains(key.get())) {
      input.reject("key", "is reserved");
    }
    return key.orElse(null);
  }

  private static @Nullable String description(JsonInput input) {
    if (input
        .any("description")
        .filter(d -> d.isTextual() && d.textValue().isEmpty())
        .isPresent()) {
      return ""; // an empty form field, no mistake
    }
    return input.text("description", MAX_DESCRIPTION_LENGTH).orElse(null);
  }

  private List<Action> actions(JsonInput input) {
    return new ActionReader(types, listed(input), false).read(input);
  }

  private static JsonNode listed(JsonInput input) {
    return input.any("actions").orElseGet(Json::array);
  }

  private static @Nullable TriggerSchema triggerSchema(JsonInput input) {
    Optional<ObjectNode> given = input.object("triggerSchema");
    if (given.isEmpty()) {
      return null;
    }
    List<Problem> problems = new ArrayList<>();
    Optional<JsonSchema> schema =
        JsonSchema.parse(given.get(), input.pointer("triggerSchema"), problems);
    problems.forEach(p -> input.problems().value(p.pointer(), p.detail()));
    return schema.isPresent()
        ? (data, turn) -> schema.get().violations(data, TRIGGER_DATA, turn)
        : UNREADABLE;
  }
}
