package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells which values PostgreSQL cannot store, or only at a price: U+0000 and lone surrogates in
 * strings, numbers of too many digits or out of the range of a double.
 */
public final class StorableJson {
  // no double begins with a digit at this place or has one behind: beyond it, none need be computed
  private static final int MAX_MAGNITUDE = 400;
  private static final int MAX_PROBLEMS = 100;

  private final Deque<Object> path = new ArrayDeque<>();
  private final List<Problem> problems = new ArrayList<>();

  private StorableJson() {}

  /** What is wrong with a single string or number, as in "is …"; empty when nothing is. */
  public static Optional<String> problem(JsonNode scalar) {
    if (scalar.isTextual()) {
      return Optional.ofNullable(ofText(scalar.textValue()));
    }
    return scalar.isBigDecimal() || scalar.isBigInteger()
        ? Optional.ofNullable(ofNumber(scalar.decimalValue()))
        : Optional.empty();
  }

  /**
   * The first {@value #MAX_PROBLEMS} values of a tree that cannot be stored, with their pointers.
   */
  static List<Problem> problems(JsonNode tree) {
    StorableJson check = new StorableJson();
    check.walk(tree);
    return check.problems;
  }

  private void walk(JsonNode node) {
    if (problems.size() >= MAX_PROBLEMS) {
      return;
    }
    if (node.isObject()) {
      node.properties()
          .forEach(member -> {
            path.addLast(member.getKey());
            note(ofText(member.getKey()));
            walk(member.getValue());
            path.removeLast();
          });
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        path.addLast(i);
        walk(node.get(i));
        path.removeLast();
      }
    } else {
      note(problem(node).orElse(null));
    }
  }

  // a pointer is made for a problem only: a body of nothing but long names is walked at its own
  // cost
  private void note(@Nullable String detail) {
    if (detail != null && problems.size() < MAX_PROBLEMS) {
      String pointer = "";
      for (Object name : path) {
        pointer = Problem.child(pointer, name.toString());
      }
      problems.add(new Problem(pointer, detail));
    }
  }

  private static @Nullable String ofNumber(BigDecimal number) {
    long magnitude = (long) number.precision() - number.scale();
    if (number.precision() > Json.MAX_DIGITS) {
      return "a number has at most " + Json.MAX_DIGITS + " digits";
    }
    boolean representable =
        number.signum() == 0
            || (Math.abs(magnitude) <= MAX_MAGNITUDE && Double.isFinite(number.doubleValue()));
    return !representable ? "the number is out of range (at most about 1.8e308)" : null;
  }

  private static @Nullable String ofText(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "U+0000 is not allowed in a string";
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return "a lone surrogate is not allowed in a string";
      }
    }
    return null;
  }
}
