package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A whole JSON tree whose strings may hold expressions in double braces, parsed once.
 *
 * <p>A string that is one expression, {@code "{{ trigger.count }}"}, becomes its value with its
 * JSON type, and null when there is no value. In any other string each expression is replaced by
 * text: strings as they are, numbers and booleans as JSON, objects and arrays as compact JSON, null
 * and no value as nothing. Names of members are not templates.
 *
 * <p>Literal braces are written with a backslash: <code>\{{</code> gives two braces. Two
 * backslashes before braces give one backslash and then the expression; elsewhere a backslash is a
 * backslash.
 *
 * <p>Thread-safe.
 */
public final class Template implements ConfigTemplate {
  static final int MAX_EXPRESSIONS = 1000;

  private sealed interface Node {}

  private record Scalar(JsonNode value) implements Node {}

  private record Text(TextTemplate template, String pointer) implements Node {}

  private record Url(UrlTemplate template, String pointer) implements Node {}

  private record Elements(List<Node> nodes) implements Node {}

  private record Members(Map<String, Node> nodes) implements Node {}

  private final Node root;
  private final boolean constant;

  private Template(Node root, boolean constant) {
    this.root = root;
    this.constant = constant;
  }

  /**
   * Parses a tree. Never throws: what is wrong is added to {@code errors}, and then the template
   * must not be rendered.
   *
   * @param pointer RFC 6901 pointer of {@code config} in the document that errors speak of
   */
  public static Template parse(JsonNode config, String pointer, List<TemplateError> errors) {
    return parse(new Parser(errors, null), config, pointer, errors);
  }

  /**
   * The same of a tree with a member that is an address: what an expression gives is encoded for
   * the place of the address where it stands. An address that is one expression, or begins with
   * one, is taken from it as it is.
   */
  public static Template parse(
      JsonNode config, String pointer, List<TemplateError> errors, String urlMember) {
    Parser parser = new Parser(errors, Problem.child(pointer, urlMember));
    return parse(parser, config, pointer, errors);
  }

  /**
   * An address with something harmless in the place of every expression; empty where it begins with
   * one, or has one that is not valid.
   */
  public static Optional<String> exampleOfUrl(String text) {
    try {
      return new UrlTemplate(TextTemplate.parse(text)).example();
    } catch (ExpressionSyntaxException e) {
      return Optional.empty();
    }
  }

  private static Template parse(
      Parser parser, JsonNode config, String pointer, List<TemplateError> errors) {
    Node root = parser.node(config, pointer);
    if (parser.expressions > MAX_EXPRESSIONS) {
      errors.add(new TemplateError(pointer, "Has more than " + MAX_EXPRESSIONS + " expressions."));
    }
    return new Template(root, parser.expressions == 0);
  }

  /** Whether there is no expression in it, so that every rendering is the same. */
  public boolean isConstant() {
    return constant;
  }

  /**
   * A new tree with every expression replaced.
   *
   * @throws ExpressionException that names the pointer of the string that failed, or when the whole
   *     becomes too large or takes too long
   */
  @Override
  public JsonNode render(Scope scope) {
    return new Rendering(scope).node(root);
  }

  private static final class Parser {
    private final List<TemplateError> errors;
    private final @Nullable String urlPointer;
    private int expressions;

    Parser(List<TemplateError> errors, @Nullable String urlPointer) {
      this.errors = errors;
      this.urlPointer = urlPointer;
    }

    Node node(JsonNode node, String pointer) {
      return switch (node.getNodeType()) {
        case STRING -> text(node.textValue(), pointer);
        case ARRAY -> {
          List<Node> nodes = new ArrayList<>();
          for (JsonNode element : node) {
            nodes.add(node(element, Problem.child(pointer, nodes.size())));
          }
          yield new Elements(nodes);
        }
        case OBJECT -> {
          Map<String, Node> nodes = new LinkedHashMap<>();
          for (var member : node.properties()) {
            String name = member.getKey();
            nodes.put(name, node(member.getValue(), Problem.child(pointer, name)));
          }
          yield new Members(nodes);
        }
        default -> new Scalar(node);
      };
    }

    private Node text(String text, String pointer) {
      try {
        TextTemplate template = TextTemplate.parse(text);
        expressions += template.expressions();
        return pointer.equals(urlPointer)
            ? new Url(new UrlTemplate(template), pointer)
            : new Text(template, pointer);
      } catch (ExpressionSyntaxException e) {
        errors.add(new TemplateError(pointer, e.getMessage()));
        return new Elements(List.of());
      }
    }
  }

  /** One rendering, bounded as a whole: each expression alone is, but there may be a thousand. */
  private static final class Rendering {
    private static final long MAX_NANOS = 5_000_000_000L;
    private static final long MAX_CHARACTERS = 4L << 20;

    private final Scope scope;
    private final long before;
    private long characters;
    private int nodes;

    Rendering(Scope scope) {
      this.scope = scope;
      this.before = scope.nanosSpent();
    }

    JsonNode node(Node node) {
      return switch (node) {
        case Scalar scalar -> scalar.value();
        case Text(TextTemplate template, String pointer) ->
            value(template.expressions(), template::render, pointer);
        case Url(UrlTemplate template, String pointer) ->
            value(template.expressions(), template::render, pointer);
        case Elements elements -> {
          ArrayNode array = Json.array();
          elements.nodes().forEach(element -> array.add(node(element)));
          yield array;
        }
        case Members members -> {
          ObjectNode object = Json.object();
          members.nodes().forEach((name, member) -> object.set(name, node(member)));
          yield object;
        }
      };
    }

    private JsonNode value(int expressions, Function<Scope, JsonNode> rendering, String pointer) {
      try {
        JsonNode value = rendering.apply(scope);
        if (expressions > 0) {
          admit(value);
        }
        // the value may be a part of the scope's own tree
        return value.isContainerNode() ? value.deepCopy() : value;
      } catch (ExpressionException e) {
        throw e.at(pointer);
      }
    }

    private void admit(JsonNode value) {
      nodes += Result.count(value);
      characters += Extent.weight(Extent.of(value));
      if (nodes > Result.MAX_NODES || characters > MAX_CHARACTERS) {
        throw new ExpressionException("All values together are too large.");
      }
      if (scope.nanosSpent() - before > MAX_NANOS) {
        throw new ExpressionException("All expressions together take too long.");
      }
    }
  }
}
