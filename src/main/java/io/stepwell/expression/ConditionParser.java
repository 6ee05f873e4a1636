package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.stepwell.kernel.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the forms of a {@link Condition} and collects everything that is wrong with them. */
final class ConditionParser {
  private static final int MAX_NESTING = 16;
  private static final List<String> FORMS = List.of("field", "expression", "all", "any", "not");
  private static final Set<String> COMPARISON = Set.of("field", "operator", "value");

  /** Stands where something is wrong, so that the rest can be read. */
  private static final Condition.Rule WRONG = new Condition.Any(List.of());

  private final List<TemplateError> errors;
  private int level;

  ConditionParser(List<TemplateError> errors) {
    this.errors = errors;
  }

  Condition.Rule rule(JsonNode config, String pointer) {
    if (!config.isObject()) {
      return wrong(pointer, "A condition is an object.");
    }
    if (level >= MAX_NESTING) {
      return wrong(pointer, "Conditions nest at most " + MAX_NESTING + " levels.");
    }
    List<String> forms = FORMS.stream().filter(config::has).toList();
    if (forms.size() > 1) {
      return wrong(pointer, "Has only one of " + String.join(", ", forms) + ".");
    }
    String form = forms.isEmpty() ? "field" : forms.getFirst();
    Set<String> known = form.equals("field") ? COMPARISON : Set.of(form);
    for (var member : config.properties()) {
      if (!known.contains(member.getKey())) {
        wrong(Problem.child(pointer, member.getKey()), unknown(member.getKey(), form));
      }
    }
    level++;
    try {
      return form(form, config, pointer);
    } finally {
      level--;
    }
  }

  private static String unknown(String name, String form) {
    return COMPARISON.contains(name)
        ? "Does not go together with " + form + "."
        : "Is not a known member.";
  }

  private Condition.Rule form(String form, JsonNode config, String pointer) {
    String place = Problem.child(pointer, form);
    JsonNode content = config.path(form);
    return switch (form) {
      case "all" -> new Condition.All(rules(content, place));
      case "any" -> new Condition.Any(rules(content, place));
      case "not" -> new Condition.Not(rule(content, place));
      case "expression" ->
          expression(content, place)
              .<Condition.Rule>map(e -> new Condition.Holds(e, place))
              .orElse(WRONG);
      default -> comparison(config, pointer);
    };
  }

  private List<Condition.Rule> rules(JsonNode content, String pointer) {
    if (!content.isArray() || content.isEmpty()) {
      wrong(pointer, "Is a list of at least one condition.");
      return List.of();
    }
    List<Condition.Rule> rules = new ArrayList<>();
    for (JsonNode element : content) {
      rules.add(rule(element, Problem.child(pointer, rules.size())));
    }
    return rules;
  }

  private Condition.Rule comparison(JsonNode config, String pointer) {
    Optional<Expression> field = expression(config.path("field"), Problem.child(pointer, "field"));
    Optional<Operator> operator = operator(config.path("operator"), pointer);
    JsonNode given = config.path("value");
    String place = Problem.child(pointer, "value");
    if (operator.isPresent() && operator.get().takesValue() && given.isMissingNode()) {
      wrong(place, "Is required with " + operator.get().spelling() + ".");
    }
    boolean ignored = operator.isPresent() && !operator.get().takesValue();
    int before = errors.size();
    JsonNode read = ignored || given.isMissingNode() ? NullNode.getInstance() : given;
    Template value = Template.parse(read, place, errors);
    boolean constant = value.isConstant() && !given.isMissingNode() && errors.size() == before;
    @Nullable Regex regex =
        constant && operator.equals(Optional.of(Operator.MATCHES)) ? regex(given, place) : null;
    return field.isPresent() && operator.isPresent()
        ? new Condition.Compares(field.get(), operator.get(), value, regex, pointer)
        : WRONG;
  }

  private Optional<Operator> operator(JsonNode given, String pointer) {
    String place = Problem.child(pointer, "operator");
    if (!given.isTextual()) {
      wrong(place, given.isMissingNode() ? "Is required." : "Is not a string.");
      return Optional.empty();
    }
    Optional<Operator> operator = Operator.named(given.textValue());
    if (operator.isEmpty()) {
      wrong(
          place,
          "Is not one of "
              + Arrays.stream(Operator.values())
                  .map(Operator::spelling)
                  .collect(Collectors.joining(", "))
              + ".");
    }
    return operator;
  }

  private @Nullable Regex regex(JsonNode given, String pointer) {
    if (!given.isTextual()) {
      wrong(pointer, "The pattern of matches is a string.");
      return null;
    }
    try {
      // as the template gives it: an escape for braces has been taken out
      return Regex.compile(TextTemplate.parse(given.textValue()).constant());
    } catch (ExpressionException | ExpressionSyntaxException e) {
      wrong(pointer, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private Optional<Expression> expression(JsonNode given, String pointer) {
    if (!given.isTextual()) {
      wrong(pointer, given instanceof MissingNode ? "Is required." : "Is not a string.");
      return Optional.empty();
    }
    try {
      return Optional.of(Expression.parse(given.textValue()));
    } catch (ExpressionSyntaxException e) {
      wrong(pointer, e.getMessage());
      return Optional.empty();
    }
  }

  private Condition.Rule wrong(String pointer, String detail) {
    errors.add(new TemplateError(pointer, detail));
    return WRONG;
  }
}
