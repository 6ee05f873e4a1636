package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.RegisteredAction;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.Expression;
import io.stepwell.expression.ExpressionSyntaxException;
import io.stepwell.expression.Template;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.Problem;
import io.stepwell.workflow.DefinitionReader.ActionTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the actions of one definition, in depth-first order, leaving everything that is wrong with
 * them in the input's problems. Not thread-safe; one for each definition.
 */
final class ActionReader {
  static final int MAX_ACTIONS = 500;
  static final int MAX_NESTING = 16;
  static final int MAX_WHEN_LENGTH = 10_000;
  private static final int MAX_TYPE_LENGTH = 63;
  private static final long MAX_TIMEOUT_MS = 3_600_000;

  private final ActionTypes types;
  private final StepNames names;
  private final boolean stored;
  private int count;
  private int ofActions;

  /**
   * @param actions the whole list as it came
   * @param stored whether the definition passed when it was saved: then types and configs are not
   *     checked again, and an action in which something does not read says so
   */
  ActionReader(ActionTypes types, JsonNode actions, boolean stored) {
    this.types = types;
    this.names = new StepNames(actions);
    this.stored = stored;
  }

  /** The top-level list of the definition; missing is a problem, empty is not. */
  List<Action> read(JsonInput definition) {
    definition.require("actions");
    List<Action> actions = list(definition, "actions", "", 1);
    if (count > MAX_ACTIONS) {
      definition.reject(
          "actions", "has more than " + MAX_ACTIONS + " actions, those in branches included");
    }
    return actions;
  }

  /** How many problems belong to one action each, once a stored list has been read. */
  int ofActions() {
    return ofActions;
  }

  private List<Action> list(JsonInput parent, String member, String path, int nesting) {
    Optional<List<JsonInput>> elements = parent.list(member);
    if (elements.isPresent() && nesting > MAX_NESTING) {
      parent.reject(member, "is nested deeper than " + MAX_NESTING + " lists");
      return List.of();
    }
    List<Action> actions = new ArrayList<>();
    for (JsonInput element : elements.orElse(List.of())) {
      if (++count > MAX_ACTIONS) {
        break;
      }
      actions.add(action(element, path + actions.size(), nesting));
    }
    return List.copyOf(actions);
  }

  private Action action(JsonInput in, String path, int nesting) {
    int index = count - 1;
    int before = in.problems().count();
    String type = in.requiredText("type", MAX_TYPE_LENGTH);
    String name = names.next(in, type);
    ConfigTemplate config = config(in, type);
    Optional<OnError> onError = in.choice("onError", OnError.class, OnError::spelling);
    RetryPolicy retry = retry(in, onError);
    Duration timeout =
        in.integer("timeout", 1, MAX_TIMEOUT_MS)
            .map(Duration::ofMillis)
            .orElse(Action.DEFAULT_TIMEOUT);
    Expression when = when(in);
    boolean hasThen = in.has("then");
    boolean hasElse = in.has("else");
    if (stored) {
      // before the branches, whose problems are those of other actions
      in.end();
    }
    ofActions += in.problems().count() - before;
    @Nullable String unsupported = stored ? firstAfter(before, in) : null;
    List<Action> then = branch(in, "then", type, path, nesting);
    List<Action> otherwise = branch(in, "else", type, path, nesting);
    if (!stored) {
      in.end();
    }
    return new Action(
        index,
        path,
        name,
        type,
        config,
        onError.orElse(OnError.STOP),
        retry,
        timeout,
        when,
        then,
        otherwise,
        hasThen || hasElse,
        unsupported);
  }

  private static @Nullable String firstAfter(int before, JsonInput in) {
    if (in.problems().count() == before) {
      return null;
    }
    List<Problem> kept = in.problems().list();
    return before < kept.size()
        ? kept.get(before).pointer() + " " + kept.get(before).detail()
        : in.pointer() + " has problems";
  }

  private List<Action> branch(JsonInput in, String member, String type, String path, int nesting) {
    if (in.has(member) && !type.isEmpty() && !type.equals(Action.CONDITION)) {
      in.reject(member, "only a condition has branches");
    }
    return list(in, member, path + "." + member + ".", nesting + 1);
  }

  private ConfigTemplate config(JsonInput in, String type) {
    ObjectNode config = in.object("config").orElseGet(Json::object);
    String pointer = in.pointer("config");
    Optional<RegisteredAction> registered = types.find(type);
    if (registered.isEmpty() && !stored && !type.isEmpty()) {
      in.reject("type", "is not a registered action type");
    }
    List<TemplateError> errors = new ArrayList<>();
    ConfigTemplate template =
        registered.isPresent()
            ? registered.get().handler().template(config, pointer, errors)
            : Template.parse(config, pointer, errors);
    // what the schema and the template both find is one problem
    Set<Problem> problems = new LinkedHashSet<>();
    errors.forEach(e -> problems.add(new Problem(e.pointer(), e.detail())));
    if (registered.isPresent() && !stored) {
      problems.addAll(registered.get().staticViolations(config, pointer));
      problems.addAll(registered.get().handler().problems(config, pointer));
    }
    problems.forEach(p -> in.problems().value(p.pointer(), p.detail()));
    return template;
  }

  private static RetryPolicy retry(JsonInput in, Optional<OnError> onError) {
    RetryPolicy standard = RetryPolicy.DEFAULT;
    Optional<JsonInput> given = in.nested("retry");
    if (given.isEmpty()) {
      return standard;
    }
    boolean misread = onError.isEmpty() && in.has("onError");
    if (!misread && onError.orElse(OnError.STOP) != OnError.RETRY) {
      in.reject("retry", "only goes with onError retry");
    }
    JsonInput retry = given.get();
    RetryPolicy policy =
        new RetryPolicy(
            retry.integer("maxRetries", 1, 10).map(Long::intValue).orElse(standard.maxRetries()),
            retry.integer("delayMs", 0, 3_600_000).orElse(standard.delayMs()),
            retry.number("factor", 1, 10).orElse(standard.factor()),
            retry.integer("maxDelayMs", 0, 86_400_000).orElse(standard.maxDelayMs()),
            retry.flag("jitter").orElse(standard.jitter()));
    retry.end();
    return policy;
  }

  private static @Nullable Expression when(JsonInput in) {
    Optional<String> source = in.text("when", MAX_WHEN_LENGTH);
    try {
      return source.isPresent() ? Expression.parse(source.get()) : null;
    } catch (ExpressionSyntaxException e) {
      in.reject("when", "is not an expression: " + e.getMessage());
      return null;
    }
  }
}
