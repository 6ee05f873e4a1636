package io.stepwell.expression;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSONata program that is evaluated within bounds.
 *
 * <p>Thread-safe: of what the library keeps with a parsed program, evaluation changes only the time
 * that its own {@code $now} and {@code $millis} read, which are replaced; everything else that
 * changes is in a frame for each evaluation or an object for each thread.
 */
final class Program {
  private static final int MAX_MESSAGE = 300;

  /** Codes of the library whose messages hold a whole argument, or the whole scope. */
  private static final Set<String> ARGUMENT_ERRORS = Set.of("T0410", "T0411", "T0412");

  static {
    // the library fills some static fields on first use without a barrier: do it before any thread
    Program warm = parse("($f := $lowercase ~> $uppercase; $f($fromMillis(0)) & $pad(?, 1)('x'))");
    warm.evaluate(Scope.of(JsonNodeFactory.instance.objectNode(), name -> Optional.empty()));
  }

  private final Jsonata jsonata;
  private final boolean mutating;

  private Program(Jsonata jsonata, boolean mutating) {
    this.jsonata = jsonata;
    this.mutating = mutating;
  }

  static Program parse(String source) {
    boolean mutating = Source.check(source);
    try {
      Jsonata jsonata = Jsonata.jsonata(source);
      jsonata.setValidateInput(false); // would read, and so convert, every value in the scope
      jsonata.setOutputConvertNulls(false); // would write into values of the scope
      Builtins.register(jsonata);
      return new Program(jsonata, mutating);
    } catch (JException e) {
      // the library gives the place after the token that it did not like
      String where = e.getLocation() > 0 ? "Near character " + e.getLocation() + ": " : "";
      throw new ExpressionSyntaxException(where + shortened(String.valueOf(e.getMessage())) + ".");
    } catch (StackOverflowError e) {
      throw new ExpressionSyntaxException("The expression is nested too deeply.");
    } catch (RuntimeException e) { // the library indexes past the end of some broken sources
      throw new ExpressionSyntaxException("The expression is not complete.");
    } catch (Error e) { // the library throws plain Errors for some broken sources
      rethrowUnlessPlain(e);
      throw new ExpressionSyntaxException("The expression is not valid.");
    }
  }

  JsonNode evaluate(Scope scope) {
    Meter meter = new Meter(mutating, scope);
    return scope.evaluate(meter, () -> evaluate(scope, meter));
  }

  private JsonNode evaluate(Scope scope, Meter meter) {
    Jsonata.Frame frame = new Jsonata.Frame(null);
    frame.setEvaluateEntryCallback(meter);
    frame.setEvaluateExitCallback(meter);
    try {
      Object value = Meter.during(meter, () -> jsonata.evaluate(scope.root(), frame));
      JsonNode result = Result.of(value, scope::resolved);
      if (meter.failure() != null) {
        throw failed(scope, meter, null);
      }
      return result;
    } catch (ExpressionException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) { // whatever the library throws is a failure
      throw failed(scope, meter, e);
    } catch (Error e) { // the library throws plain Errors for some wrong arguments
      rethrowUnlessPlain(e);
      throw failed(scope, meter, e);
    }
  }

  private static void rethrowUnlessPlain(Error e) {
    if (e.getClass() != Error.class && !(e instanceof AssertionError)) {
      throw e;
    }
  }

  private static ExpressionException failed(Scope scope, Meter meter, @Nullable Throwable cause) {
    scope.rethrowSecretFailure();
    String reason = meter.failure();
    if (reason == null) {
      reason = reason(cause, scope.readSecrets());
    }
    return new ExpressionException("The expression failed: " + shortened(reason) + ".");
  }

  /** The library puts values into its messages, and those may have been made of a secret. */
  private static String reason(@Nullable Throwable cause, boolean secretsRead) {
    if (cause instanceof StackOverflowError) {
      return "it is nested too deeply, or calls itself without end";
    }
    if (!(cause instanceof JException error)
        || ARGUMENT_ERRORS.contains(String.valueOf(error.getError()))) {
      return "a function was given an argument of the wrong kind";
    }
    return secretsRead
        ? "it reads a secret, so the reason is not shown"
        : String.valueOf(error.getMessage());
  }

  private static String shortened(String message) {
    String text = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
  }
}
