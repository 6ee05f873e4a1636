package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.expression.Comparison.Kind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.StreamSupport;

/**
 * How a condition compares its field with its value.
 *
 * <p>No value and null are the same. Values of different kinds compare to false, and each {@code
 * not_x} is exactly the negation of {@code x}.
 */
enum Operator {
  EQUALS,
  NOT_EQUALS,
  GREATER_THAN,
  GREATER_THAN_OR_EQUAL,
  LESS_THAN,
  LESS_THAN_OR_EQUAL,
  CONTAINS,
  NOT_CONTAINS,
  STARTS_WITH,
  ENDS_WITH,
  IN,
  NOT_IN,
  EXISTS,
  NOT_EXISTS,
  IS_EMPTY,
  IS_NOT_EMPTY,
  MATCHES;

  static Optional<Operator> named(String name) {
    return Arrays.stream(values()).filter(o -> o.spelling().equals(name)).findFirst();
  }

  String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean takesValue() {
    return switch (this) {
      case EXISTS, NOT_EXISTS, IS_EMPTY, IS_NOT_EMPTY -> false;
      default -> true;
    };
  }

  /**
   * Applies the operator.
   *
   * @throws ExpressionException when there is no order between the two, or it would take too long
   */
  boolean test(JsonNode field, JsonNode value) {
    return switch (this) {
      case EQUALS -> Comparison.same(field, value);
      case NOT_EQUALS -> !Comparison.same(field, value);
      case GREATER_THAN -> ordered(field, value, order -> order > 0);
      case GREATER_THAN_OR_EQUAL -> ordered(field, value, order -> order >= 0);
      case LESS_THAN -> ordered(field, value, order -> order < 0);
      case LESS_THAN_OR_EQUAL -> ordered(field, value, order -> order <= 0);
      case CONTAINS -> contains(field, value);
      case NOT_CONTAINS -> !contains(field, value);
      case STARTS_WITH -> strings(field, value) && field.textValue().startsWith(value.textValue());
      case ENDS_WITH -> strings(field, value) && field.textValue().endsWith(value.textValue());
      case IN -> in(field, value);
      case NOT_IN -> !in(field, value);
      case EXISTS -> Kind.of(field) != Kind.NOTHING;
      case NOT_EXISTS -> Kind.of(field) == Kind.NOTHING;
      case IS_EMPTY -> isEmpty(field);
      case IS_NOT_EMPTY -> !isEmpty(field);
      case MATCHES ->
          strings(field, value) && Regex.compile(value.textValue()).find(field.textValue());
    };
  }

  private boolean ordered(JsonNode field, JsonNode value, IntPredicate wanted) {
    Kind left = Kind.of(field);
    Kind right = Kind.of(value);
    if (field.isContainerNode() || value.isContainerNode()) {
      throw new ExpressionException("There is no order (" + spelling() + ") of arrays or objects.");
    }
    if (left != right || left == Kind.NOTHING) {
      return false;
    }
    return switch (left) {
      case NUMBER -> wanted.test(Comparison.compareNumbers(field, value));
      case STRING -> wanted.test(Comparison.compareStrings(field.textValue(), value.textValue()));
      default ->
          throw new ExpressionException("There is no order (" + spelling() + ") of booleans.");
    };
  }

  private static boolean contains(JsonNode field, JsonNode value) {
    return switch (Kind.of(field)) {
      case STRING -> value.isTextual() && hasPart(field.textValue(), value.textValue());
      case ARRAY -> hasElement(field, value);
      case OBJECT -> value.isTextual() && field.has(value.textValue());
      case NOTHING, BOOLEAN, NUMBER -> false;
    };
  }

  private static boolean in(JsonNode field, JsonNode value) {
    return switch (Kind.of(value)) {
      case ARRAY -> hasElement(value, field);
      case STRING -> field.isTextual() && hasPart(value.textValue(), field.textValue());
      case NOTHING, BOOLEAN, NUMBER, OBJECT -> false;
    };
  }

  private static boolean hasElement(JsonNode array, JsonNode element) {
    return StreamSupport.stream(array.spliterator(), false)
        .anyMatch(candidate -> Comparison.same(candidate, element));
  }

  private static boolean hasPart(String text, String part) {
    if (!Text.isSearchable(text, part)) {
      throw new ExpressionException("The search for a string in a string takes too long.");
    }
    return text.contains(part);
  }

  private static boolean strings(JsonNode field, JsonNode value) {
    return field.isTextual() && value.isTextual();
  }

  private static boolean isEmpty(JsonNode field) {
    return switch (Kind.of(field)) {
      case NOTHING -> true;
      case STRING -> field.textValue().isEmpty();
      case ARRAY, OBJECT -> field.isEmpty();
      case BOOLEAN, NUMBER -> false;
    };
  }
}
