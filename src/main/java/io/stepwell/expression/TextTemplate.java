package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * One string of a {@link Template}: text and expressions in turn.
 *
 * @param parts in order, never two texts beside each other
 * @param expressions how many of the parts are expressions
 */
record TextTemplate(List<Part> parts, int expressions) {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";

  sealed interface Part {}

  record Literal(String text) implements Part {}

  record Value(Expression expression) implements Part {}

  /**
   * Parses a string.
   *
   * @throws ExpressionSyntaxException when an expression is not closed or not valid
   */
  static TextTemplate parse(String text) {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int expressions = 0;
    int at = 0;
    int open = text.indexOf(OPEN);
    while (open >= 0) {
      int backslashes = backslashesBefore(text, at, open);
      literal.append(text, at, open - backslashes).append("\\".repeat(backslashes / 2));
      if (backslashes % 2 == 1) {
        literal.append(OPEN);
        at = open + OPEN.length();
      } else {
        int close = closing(text, open + OPEN.length());
        if (!literal.isEmpty()) {
          parts.add(new Literal(literal.toString()));
          literal.setLength(0);
        }
        parts.add(new Value(Expression.parse(text.substring(open + OPEN.length(), close))));
        expressions++;
        at = close + CLOSE.length();
      }
      open = text.indexOf(OPEN, at);
    }
    literal.append(text, at, text.length());
    if (!literal.isEmpty()) {
      parts.add(new Literal(literal.toString()));
    }
    return new TextTemplate(List.copyOf(parts), expressions);
  }

  private static int backslashesBefore(String text, int from, int open) {
    int count = 0;
    while (open - count > from && text.charAt(open - count - 1) == '\\') {
      count++;
    }
    return count;
  }

  /** Where the braces stand that close an expression: not in a literal, not of an object in it. */
  private static int closing(String text, int from) {
    int depth = 0;
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'') {
        at = Source.endOfQuoted(text, at);
      } else if (c == '`') {
        at = after(text, "`", at + 1);
      } else if (text.startsWith("/*", at)) {
        at = after(text, "*/", at + 2);
      } else if (depth == 0 && text.startsWith(CLOSE, at)) {
        return at;
      } else {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        at++;
      }
    }
    throw new ExpressionSyntaxException(
        "At character " + (from - 1) + ": {{ is not closed by }}, or a quote in it is not closed.");
  }

  private static int after(String text, String end, int from) {
    int at = text.indexOf(end, from);
    return at < 0 ? text.length() : at + end.length();
  }

  /** The text of a string without expressions. */
  String constant() {
    return parts.isEmpty() ? "" : ((Literal) parts.getFirst()).text();
  }

  /** The string with its values, or the value itself when there is nothing else. */
  JsonNode render(Scope scope) {
    if (parts.size() == 1 && parts.getFirst() instanceof Value(Expression expression)) {
      JsonNode value = expression.evaluate(scope);
      if (value.isTextual()) {
        checkLength(value.textValue().length());
      }
      return value.isMissingNode() ? NullNode.getInstance() : value;
    }
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(
          switch (part) {
            case Literal literal -> literal.text();
            case Value value -> text(value.expression().evaluate(scope));
          });
      checkLength(expressions == 0 ? 0 : text.length());
    }
    return TextNode.valueOf(text.toString());
  }

  static void checkLength(int length) {
    if (length > Meter.MAX_STRING) {
      throw new ExpressionException(
          "The string is longer than " + Meter.MAX_STRING + " characters.");
    }
  }

  static String text(JsonNode value) {
    if (value.isNull() || value.isMissingNode()) {
      return "";
    }
    if (value.isContainerNode()) {
      Result.count(value);
    }
    return value.isTextual() ? value.textValue() : Json.write(value);
  }
}
