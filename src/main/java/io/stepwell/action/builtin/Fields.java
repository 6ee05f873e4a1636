package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.kernel.Times;
import java.time.Instant;
import java.util.Optional;

/**
 * The members of a config that satisfies its schema; one that is null counts as absent, since that
 * is what an expression gives that found nothing.
 */
record Fields(ObjectNode config) {

  Optional<JsonNode> any(String name) {
    return Optional.ofNullable(config.get(name)).filter(value -> !value.isNull());
  }

  Optional<String> text(String name) {
    return any(name).map(JsonNode::asText);
  }

  String required(String name) {
    return text(name).orElseThrow(() -> invalid(name, "is required"));
  }

  boolean flag(String name) {
    return any(name).map(JsonNode::booleanValue).orElse(false);
  }

  Optional<Long> number(String name) {
    return any(name).map(JsonNode::longValue);
  }

  /**
   * Reads an RFC 3339 time; a schema's {@code date-time} lets more pass than the clock can show.
   */
  Optional<Instant> time(String name) {
    return text(name)
        .map(text ->
            Times.parse(text)
                .orElseThrow(() -> invalid(name, "is no time such as 2030-01-31T08:00:00Z")));
  }

  static ActionFailure invalid(String name, String detail) {
    return ActionFailure.permanent("invalid_config", "/config/" + name + " " + detail);
  }
}
