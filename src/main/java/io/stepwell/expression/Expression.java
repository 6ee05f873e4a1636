package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One JSONata expression, parsed once and evaluated as often as needed.
 *
 * <p>Thread-safe. An evaluation is bounded: 250 ms (a second while the machine is cold or busy),
 * 100 nested evaluations, strings of 1 Mi characters, arrays of 100,000 elements. It reads nothing
 * but its scope and the clock ({@code $now}, {@code $millis}, one time for the whole evaluation)
 * and chance ({@code $random}, {@code $shuffle}). The arithmetic of JSONata is that of doubles; a
 * number that is only passed on keeps all its digits.
 */
public final class Expression {
  private final String source;
  private final @Nullable Path path;
  private volatile @Nullable Program program;

  private Expression(String source, @Nullable Path path, @Nullable Program program) {
    this.source = source;
    this.path = path;
    this.program = program;
  }

  /**
   * Parses a source without braces.
   *
   * @throws ExpressionSyntaxException with a message that says where and what is wrong
   */
  public static Expression parse(String source) {
    String trimmed = source.strip();
    if (trimmed.length() <= Source.MAX_LENGTH) {
      Optional<Path> path = Path.parse(trimmed);
      if (path.isPresent()) {
        return new Expression(trimmed, path.get(), null);
      }
    }
    return new Expression(source, null, Program.parse(source));
  }

  /** What was parsed, without braces. */
  String source() {
    return source;
  }

  /**
   * The value for these names, a missing node when there is none. It may be a part of the scope's
   * own tree: do not change it.
   *
   * @throws ExpressionException when it fails or goes over a limit
   */
  public JsonNode evaluate(Scope scope) {
    if (path != null) {
      Optional<JsonNode> found = path.find(scope);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return program().evaluate(scope);
  }

  /** Whether the value is JSON true; 1, "true" and the like are not. */
  public boolean isTrue(Scope scope) {
    JsonNode value = evaluate(scope);
    return value.isBoolean() && value.booleanValue();
  }

  /** Most bare paths never need one; two threads may both parse it, to the same effect. */
  private Program program() {
    Program parsed = program;
    if (parsed == null) {
      parsed = Program.parse(source);
      program = parsed;
    }
    return parsed;
  }
}
