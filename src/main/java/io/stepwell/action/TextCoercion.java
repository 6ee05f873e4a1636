package io.stepwell.action;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;

/**
 * Writes numbers and booleans as text where a config's schema wants a string: an expression that is
 * a string's only content keeps its value's type, and an id is often a number.
 */
final class TextCoercion {
  private TextCoercion() {}

  /** The rendered config, with every such member as text. */
  static ObjectNode apply(ObjectNode config, JsonNode schema) {
    ObjectNode coerced = Json.object();
    config
        .properties()
        .forEach(member -> {
          JsonNode of = schema.path("properties").path(member.getKey());
          JsonNode rule = of.isMissingNode() ? schema.path("additionalProperties") : of;
          coerced.set(member.getKey(), coerced(member.getValue(), rule));
        });
    return coerced;
  }

  private static JsonNode coerced(JsonNode value, JsonNode rule) {
    if (value instanceof ObjectNode object && rule.isObject()) {
      return apply(object, rule);
    }
    boolean scalar = value.isNumber() || value.isBoolean();
    return scalar
            && allows(rule, "string")
            && !allows(rule, value.isNumber() ? "number" : "boolean")
        ? TextNode.valueOf(value.asText())
        : value;
  }

  private static boolean allows(JsonNode rule, String type) {
    JsonNode types = rule.path("type");
    if (types.isTextual()) {
      return covers(types.textValue(), type);
    }
    for (JsonNode one : types) {
      if (covers(one.asText(), type)) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(String allowed, String type) {
    return allowed.equals(type) || (allowed.equals("integer") && type.equals("number"));
  }
}
