package io.stepwell.expression;

import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.StorableJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Turns what the JSONata library gives back into JSON that can be stored. */
final class Result {
  /** The most values, containers included, that a result may hold. */
  static final int MAX_NODES = 100_000;

  private int nodes;

  private final UnaryOperator<JsonNode> resolving;

  private Result(UnaryOperator<JsonNode> resolving) {
    this.resolving = resolving;
  }

  /**
   * The JSON of a library value, a missing node for no value.
   *
   * @param resolving puts into a part of the scope's tree what is not there
   * @throws ExpressionException when it is too large or has no JSON
   */
  static JsonNode of(@Nullable Object value, UnaryOperator<JsonNode> resolving) {
    return value == null ? MissingNode.getInstance() : new Result(resolving).convert(value);
  }

  /**
   * Counts the values of a tree.
   *
   * @throws ExpressionException when it is too large
   */
  static int count(JsonNode tree) {
    Result result = new Result(UnaryOperator.identity());
    result.countIn(tree);
    return result.nodes;
  }

  private void countIn(JsonNode tree) {
    countOne();
    for (JsonNode child : tree) {
      countIn(child);
    }
  }

  private void countOne() {
    if (++nodes > MAX_NODES) {
      throw new ExpressionException("The result has more than " + MAX_NODES + " values.");
    }
  }

  @SuppressWarnings("ReferenceEquality") // the library marks null by one object
  private JsonNode convert(@Nullable Object value) {
    if (value instanceof View view) {
      JsonNode node = resolving.apply(view.node());
      countIn(node);
      return node;
    }
    countOne();
    return switch (value) {
      case String text -> text(text);
      case Boolean flag -> BooleanNode.valueOf(flag);
      case Number number -> number(number);
      case Map<?, ?> map -> object(map);
      case List<?> list -> array(list);
      case null -> NullNode.getInstance();
      case Object other when other == Jsonata.NULL_VALUE -> NullNode.getInstance();
      default -> throw new ExpressionException("The result holds a function.");
    };
  }

  private static JsonNode text(String text) {
    JsonNode node = TextNode.valueOf(text);
    StorableJson.problem(node)
        .ifPresent(problem -> {
          throw new ExpressionException("In the result " + problem + ".");
        });
    return node;
  }

  private static JsonNode number(Number number) {
    return switch (number) {
      case Integer i -> IntNode.valueOf(i);
      case Long l -> LongNode.valueOf(l);
      case BigInteger b -> BigIntegerNode.valueOf(b);
      case BigDecimal d -> DecimalNode.valueOf(d);
      default -> {
        double d = number.doubleValue();
        if (!Double.isFinite(d)) {
          throw new ExpressionException("The result holds a number that is out of range.");
        }
        yield DoubleNode.valueOf(d);
      }
    };
  }

  private ObjectNode object(Map<?, ?> map) {
    ObjectNode object = Json.object();
    map.forEach(
        (name, member) -> object.set(text(String.valueOf(name)).textValue(), convert(member)));
    return object;
  }

  private ArrayNode array(List<?> list) {
    ArrayNode array = Json.array();
    list.forEach(element -> array.add(convert(element)));
    return array;
  }
}
