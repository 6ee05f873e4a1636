package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import io.stepwell.kernel.Json;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A value among the names of a {@link Scope} that is not there: it is fetched when an expression
 * reaches it, every time that one does. It stands at most four containers deep.
 */
public final class Deferred extends POJONode {
  private static final long serialVersionUID = 1L;
  private static final int DEEPEST = 4;

  private final transient Supplier<JsonNode> source;
  private final int length;

  /**
   * @param source gives the value; what it throws goes through to the caller of the expression
   * @param length of the value's JSON text
   */
  public Deferred(Supplier<JsonNode> source, int length) {
    super(null);
    this.source = source;
    this.length = length;
  }

  JsonNode fetch() {
    return source.get();
  }

  int length() {
    return length;
  }

  /** The tree with everything in it fetched; the same tree when nothing in it is deferred. */
  public static JsonNode resolved(JsonNode tree) {
    return resolved(tree, Deferred::fetch);
  }

  /** The same, fetching in a way that the caller knows. */
  static JsonNode resolved(JsonNode tree, Function<Deferred, JsonNode> fetching) {
    return resolved(tree, fetching, DEEPEST);
  }

  private static JsonNode resolved(
      JsonNode node, Function<Deferred, JsonNode> fetching, int depth) {
    if (node instanceof Deferred deferred) {
      return fetching.apply(deferred);
    }
    if (depth == 0 || !holdsAny(node, depth)) {
      return node;
    }
    if (node instanceof ObjectNode object) {
      ObjectNode copy = Json.object();
      object
          .properties()
          .forEach(m -> copy.set(m.getKey(), resolved(m.getValue(), fetching, depth - 1)));
      return copy;
    }
    ArrayNode copy = Json.array();
    node.forEach(element -> copy.add(resolved(element, fetching, depth - 1)));
    return copy;
  }

  private static boolean holdsAny(JsonNode node, int depth) {
    if (node instanceof Deferred) {
      return true;
    }
    if (depth > 0) {
      for (JsonNode child : node) {
        if (holdsAny(child, depth - 1)) {
          return true;
        }
      }
    }
    return false;
  }
}
