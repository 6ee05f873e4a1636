package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.PercentEncoding;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A string that becomes an address. What an expression in it gives is encoded for the place where
 * it stands, so that no value can change what the rest means.
 *
 * <p>A string that is one expression, and an expression at the very beginning, give an address as
 * it is. In a path, a query and a fragment each character that could mean something there is
 * percent-encoded, unless the expression is a call of {@code $encodeUrlComponent}. In a host or a
 * port only characters of hosts and ports are let through. A value that is absent or empty fails
 * everywhere but in a query or a fragment, and so does a path's segment that is a dot or two.
 */
final class UrlTemplate {
  private static final Pattern HOST_OR_PORT = Pattern.compile("[\\p{L}\\p{N}._:-]+");
  private static final Pattern DOTS = Pattern.compile("\\.{1,2}");
  private static final String ENCODED = "$encodeUrlComponent(";

  private enum Place {
    BEGINNING,
    AUTHORITY,
    PATH,
    QUERY_OR_FRAGMENT;

    /** Where the next character of an address stands. */
    static Place behind(CharSequence address) {
      String text = address.toString();
      int authority = text.indexOf("://");
      if (authority < 0) {
        return BEGINNING;
      }
      String rest = text.substring(authority + 3);
      if (rest.indexOf('?') >= 0 || rest.indexOf('#') >= 0) {
        return QUERY_OR_FRAGMENT;
      }
      return rest.indexOf('/') >= 0 ? PATH : AUTHORITY;
    }
  }

  private final TextTemplate text;

  UrlTemplate(TextTemplate text) {
    this.text = text;
  }

  int expressions() {
    return text.expressions();
  }

  JsonNode render(Scope scope) {
    if (text.parts().size() <= 1) {
      return text.render(scope);
    }
    StringBuilder address = new StringBuilder();
    for (TextTemplate.Part part : text.parts()) {
      address.append(
          switch (part) {
            case TextTemplate.Literal literal -> literal.text();
            case TextTemplate.Value(Expression expression) ->
                value(expression, scope, Place.behind(address));
          });
      TextTemplate.checkLength(address.length());
    }
    return TextNode.valueOf(address.toString());
  }

  private static String value(Expression expression, Scope scope, Place place) {
    String value = TextTemplate.text(expression.evaluate(scope));
    if (value.isEmpty() && place != Place.QUERY_OR_FRAGMENT) {
      throw new ExpressionException(
          expression.source() + " gives nothing to put into the address.");
    }
    return switch (place) {
      case BEGINNING -> value;
      case AUTHORITY -> {
        if (!HOST_OR_PORT.matcher(value).matches()) {
          throw new ExpressionException(
              expression.source() + " gives characters that a host or a port cannot have.");
        }
        yield value;
      }
      case PATH -> {
        if (DOTS.matcher(value).matches()) {
          throw new ExpressionException(
              expression.source() + " gives a dot or two, which would lead to another path.");
        }
        yield encoded(expression, value);
      }
      case QUERY_OR_FRAGMENT -> encoded(expression, value);
    };
  }

  private static String encoded(Expression expression, String value) {
    if (expression.source().strip().startsWith(ENCODED)) {
      return value;
    }
    return PercentEncoding.of(value);
  }

  /** The address with something harmless for each value; empty where a value is its beginning. */
  Optional<String> example() {
    StringBuilder address = new StringBuilder();
    for (TextTemplate.Part part : text.parts()) {
      if (part instanceof TextTemplate.Literal literal) {
        address.append(literal.text());
      } else if (Place.behind(address) == Place.BEGINNING) {
        return Optional.empty();
      } else {
        address.append(isPort(address) ? "1" : "x");
      }
    }
    return Optional.of(address.toString());
  }

  private static boolean isPort(CharSequence address) {
    return Place.behind(address) == Place.AUTHORITY
        && address.toString().lastIndexOf(':') > address.toString().indexOf("://");
  }
}
