package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question about a scope, parsed once from the config of a {@code condition} action.
 *
 * <p>It has one of these forms, and no other members: {@code field}, {@code operator} and {@code
 * value}; {@code expression}; {@code all} or {@code any}, a list of conditions; {@code not}, one
 * condition. What the operators mean is in {@link Operator}. Thread-safe.
 */
public final class Condition {
  sealed interface Rule {}

  record All(List<Rule> rules) implements Rule {}

  record Any(List<Rule> rules) implements Rule {}

  record Not(Rule rule) implements Rule {}

  record Holds(Expression expression, String pointer) implements Rule {}

  /**
   * A field compared with a value.
   *
   * @param regex the pattern of {@link Operator#MATCHES} when it is constant
   */
  record Compares(
      Expression field, Operator operator, Template value, @Nullable Regex regex, String pointer)
      implements Rule {}

  private final Rule rule;

  private Condition(Rule rule) {
    this.rule = rule;
  }

  /**
   * Parses a config. Never throws: what is wrong is added to {@code errors}, and then the condition
   * must not be tested.
   *
   * @param pointer RFC 6901 pointer of {@code config} in the document that errors speak of
   */
  public static Condition parse(JsonNode config, String pointer, List<TemplateError> errors) {
    return new Condition(new ConditionParser(errors).rule(config, pointer));
  }

  /**
   * Whether it holds. Of a list, only as many conditions are looked at as decide it.
   *
   * @throws ExpressionException that names the pointer of the condition that failed
   */
  public boolean test(Scope scope) {
    return test(rule, scope);
  }

  private static boolean test(Rule rule, Scope scope) {
    return switch (rule) {
      case All all -> all.rules().stream().allMatch(r -> test(r, scope));
      case Any any -> any.rules().stream().anyMatch(r -> test(r, scope));
      case Not not -> !test(not.rule(), scope);
      case Holds holds -> {
        try {
          yield holds.expression().isTrue(scope);
        } catch (ExpressionException e) {
          throw e.at(holds.pointer());
        }
      }
      case Compares compares -> test(compares, scope);
    };
  }

  private static boolean test(Compares compares, Scope scope) {
    JsonNode value = compares.value().render(scope); // names its own pointer
    try {
      JsonNode field = compares.field().evaluate(scope);
      return compares.regex() == null
          ? compares.operator().test(field, value)
          : field.isTextual() && compares.regex().find(field.textValue());
    } catch (ExpressionException e) {
      throw e.at(compares.pointer());
    }
  }
}
