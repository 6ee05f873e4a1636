package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;

/** Equality and order of JSON values, by what they mean and not by how they are written. */
final class Comparison {

  /** What sort of value it is; no value and null are one. */
  enum Kind {
    NOTHING,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT;

    static Kind of(JsonNode value) {
      return switch (value.getNodeType()) {
        case BOOLEAN -> BOOLEAN;
        case NUMBER -> NUMBER;
        case STRING -> STRING;
        case ARRAY -> ARRAY;
        case OBJECT -> OBJECT;
        case NULL, MISSING, BINARY, POJO -> NOTHING;
      };
    }
  }

  private Comparison() {}

  /** Whether two values are equal: 1 equals 1.0, at any depth; 1 does not equal "1". */
  static boolean same(JsonNode left, JsonNode right) {
    Kind kind = Kind.of(left);
    if (kind != Kind.of(right)) {
      return false;
    }
    return switch (kind) {
      case NOTHING -> true;
      case BOOLEAN -> left.booleanValue() == right.booleanValue();
      case NUMBER -> compareNumbers(left, right) == 0;
      case STRING -> left.textValue().equals(right.textValue());
      case ARRAY -> sameElements(left, right);
      case OBJECT -> sameMembers(left, right);
    };
  }

  private static boolean sameElements(JsonNode left, JsonNode right) {
    boolean same = left.size() == right.size();
    for (int i = 0; same && i < left.size(); i++) {
      same = same(left.get(i), right.get(i));
    }
    return same;
  }

  private static boolean sameMembers(JsonNode left, JsonNode right) {
    return left.size() == right.size()
        && left.properties().stream()
            .allMatch(m -> right.has(m.getKey()) && same(m.getValue(), right.get(m.getKey())));
  }

  static int compareNumbers(JsonNode left, JsonNode right) {
    return left.isInt() && right.isInt()
        ? Integer.compare(left.intValue(), right.intValue())
        : left.decimalValue().compareTo(right.decimalValue());
  }

  /** The order of code points, which is that of UTF-8, and not that of UTF-16. */
  static int compareStrings(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      char l = left.charAt(i);
      char r = right.charAt(i);
      if (l != r) {
        return Integer.compare(rank(l), rank(r));
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  /** A surrogate begins a code point that is above all that take one character. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
