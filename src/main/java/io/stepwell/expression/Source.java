package io.stepwell.expression;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Reads the tokens of a JSONata source, and refuses what an expression must not hold.
 *
 * <p>It splits tokens exactly as the library's tokenizer does, and takes a {@code /} for the start
 * of a regular expression wherever an operand may stand, which covers every place where the library
 * does. Refused are:
 *
 * <ul>
 *   <li>regular-expression literals, as the library's take exponential time;
 *   <li>{@code $eval}, which could make one at run time;
 *   <li>the variables by which the library finds the bounds of an evaluation ({@code $__…});
 *   <li>signatures of lambdas, which the library turns into regular expressions;
 *   <li>calls without the dollar, as the library prints what was called by mistake;
 *   <li>sources that the library parses in exponential time: it copies the left side of {@code ?:}
 *       and {@code ??}.
 * </ul>
 */
final class Source {
  static final int MAX_LENGTH = 8 * 1024;

  private static final int MAX_NESTING = 100;
  private static final int MAX_DEFAULTS = 64;
  private static final int MAX_COPIES = 2_000;
  private static final String OPERATORS = ".[]{}(),@#;:?+-*/%|=<>^&!~";
  private static final String SPACE = " \t\n\r";
  private static final Set<String> PAIRS =
      Set.of("..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??");
  private static final Set<String> LAMBDA = Set.of("function", "\u03BB");
  private static final Set<String> WORD_OPERATORS = Set.of("and", "or", "in");

  /** An open bracket; counts what is in it, copies by the library included. */
  private static final class Group {
    final boolean parameters;
    long before;
    long operand;

    Group(boolean parameters) {
      this.parameters = parameters;
    }
  }

  private final String text;
  private final Deque<Group> groups = new ArrayDeque<>();
  private int at;
  private boolean operandNext = true;
  private boolean parametersEnded;
  private String name = "";
  private int defaults;
  private long copies;
  private boolean mutating;

  private Source(String text) {
    this.text = text;
  }

  /**
   * Checks a source.
   *
   * @return whether it has operators by which values change that were seen before
   * @throws ExpressionSyntaxException when it holds something that is not allowed
   */
  static boolean check(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new ExpressionSyntaxException(
          "The expression is longer than " + MAX_LENGTH + " characters.");
    }
    if (text.isBlank()) {
      throw new ExpressionSyntaxException("The expression is empty.");
    }
    Source source = new Source(text);
    source.run();
    return source.mutating;
  }

  private void run() {
    groups.push(new Group(false));
    while (skip()) {
      int start = at;
      char c = text.charAt(at);
      groups.getFirst().operand++;
      if (parametersEnded && c != '{') {
        throw refused("a lambda has no signature here; write function($x) { … }", start);
      }
      parametersEnded = false;
      String called = name;
      name = "";
      if (OPERATORS.indexOf(c) >= 0) {
        operator(c, called, start);
      } else {
        operand(c, start);
      }
    }
  }

  /** Skips white space and comments; false at the end. */
  private boolean skip() {
    while (at < text.length()) {
      if (SPACE.indexOf(text.charAt(at)) >= 0) {
        at++;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length() : end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  private void operator(char c, String called, int start) {
    if (c == '/' && operandNext) {
      throw refused("regular expressions are not available, use the operator matches", start);
    }
    String pair = at + 1 < text.length() ? text.substring(at, at + 2) : "";
    if (PAIRS.contains(pair)) {
      at += 2;
      pair(pair, start);
      return;
    }
    at++;
    switch (c) {
      case '(' -> open(called, start);
      case '[', '{' -> open("", start);
      case ')', ']', '}' -> close();
      case ',', ';', ':', '?' -> next();
      case '*' -> operandNext = !operandNext;
      case '%' -> {
        mutating |= operandNext; // the parent operator
        operandNext = !operandNext;
      }
      case '|', '@', '#' -> {
        mutating = true;
        operandNext = true;
      }
      default -> operandNext = true;
    }
  }

  private void pair(String pair, int start) {
    if (pair.equals("?:") || pair.equals("??")) {
      Group group = groups.getFirst();
      copies += group.operand;
      group.operand *= 2;
      if (++defaults > MAX_DEFAULTS || copies > MAX_COPIES) {
        throw refused("too many of ?: and ??, or too deeply nested", start);
      }
    }
    if (pair.equals("**")) {
      operandNext = !operandNext;
    } else if (pair.startsWith("?") || pair.equals(":=")) {
      next();
    } else {
      operandNext = true;
    }
  }

  /** What follows is not part of the left side of a later operator. */
  private void next() {
    Group group = groups.getFirst();
    group.before += group.operand;
    group.operand = 0;
    operandNext = true;
  }

  private void open(String called, int start) {
    boolean lambda = LAMBDA.contains(called);
    if (!called.isEmpty() && !lambda) {
      throw refused("a function is called with a dollar: $" + called + "(…)", start);
    }
    groups.push(new Group(lambda));
    if (groups.size() > MAX_NESTING) {
      throw refused("more than " + MAX_NESTING + " levels of brackets", start);
    }
    operandNext = true;
  }

  private void close() {
    if (groups.size() > 1) {
      Group group = groups.pop();
      parametersEnded = group.parameters;
      groups.getFirst().operand += group.before + group.operand;
    }
    operandNext = false;
  }

  private void operand(char c, int start) {
    if (c == '"' || c == '\'') {
      at = endOfQuoted(text, at);
      operandNext = false;
      return;
    }
    if (c == '`') {
      int end = text.indexOf('`', at + 1);
      at = end < 0 ? text.length() : end + 1;
      operandNext = false;
      return;
    }
    if (c >= '0' && c <= '9') {
      number();
      operandNext = false;
      return;
    }
    while (at < text.length() && isName(text.charAt(at))) {
      at++;
    }
    named(text.substring(start, at), start);
  }

  private void number() {
    // as in JSON, so that 01 is two tokens; a dot without digits is an operator
    if (text.charAt(at) == '0') {
      at++;
    } else {
      digits();
    }
    if (at + 1 < text.length() && text.charAt(at) == '.' && isDigit(text.charAt(at + 1))) {
      at++;
      digits();
    }
    int exponent = at + 1;
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      if (exponent < text.length() && "+-".indexOf(text.charAt(exponent)) >= 0) {
        exponent++;
      }
      if (exponent < text.length() && isDigit(text.charAt(exponent))) {
        at = exponent;
        digits();
      }
    }
  }

  private void digits() {
    while (at < text.length() && isDigit(text.charAt(at))) {
      at++;
    }
  }

  private void named(String word, int start) {
    if (word.equals("$eval")) {
      throw refused("$eval is not available", start);
    }
    if (word.startsWith("$__")) {
      throw refused("the name of a variable does not start with two underscores", start);
    }
    if (!operandNext && WORD_OPERATORS.contains(word)) {
      operandNext = true;
      return;
    }
    name = word.startsWith("$") ? "" : word;
    operandNext = false;
  }

  /** The place after the string literal that starts at {@code start}, or the end of the text. */
  static int endOfQuoted(String text, int start) {
    char quote = text.charAt(start);
    int i = start + 1;
    while (i < text.length() && text.charAt(i) != quote) {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i + 1, text.length());
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isName(char c) {
    return SPACE.indexOf(c) < 0 && OPERATORS.indexOf(c) < 0;
  }

  private static ExpressionSyntaxException refused(String what, int position) {
    return new ExpressionSyntaxException("At character " + (position + 1) + ": " + what + ".");
  }
}
