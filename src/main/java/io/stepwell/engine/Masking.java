package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes what an action gave back fit to be stored and shown: the secrets that went into it are
 * masked, and characters that PostgreSQL cannot store are replaced.
 */
final class Masking {
  private static final String MASK = "***";
  private static final char REPLACEMENT = '\uFFFD';

  private final Set<String> secrets;

  Masking(Set<String> secrets) {
    this.secrets = secrets;
  }

  @Nullable JsonNode of(@Nullable JsonNode node) {
    return switch (node) {
      case null -> null;
      case ObjectNode object -> {
        ObjectNode copy = Json.object();
        object.properties().forEach(m -> copy.set(of(m.getKey()), of(m.getValue())));
        yield copy;
      }
      case ArrayNode array -> {
        ArrayNode copy = Json.array();
        array.forEach(element -> copy.add(of(element)));
        yield copy;
      }
      case TextNode text -> TextNode.valueOf(of(text.textValue()));
      default -> node;
    };
  }

  String of(String text) {
    String masked = text;
    for (String secret : secrets) {
      if (!secret.isEmpty()) {
        masked = masked.replace(secret, MASK);
      }
    }
    return storable(masked);
  }

  private static String storable(String text) {
    @Nullable StringBuilder changed = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        changed = changed == null ? new StringBuilder(text) : changed;
        changed.setCharAt(i, REPLACEMENT);
      }
    }
    return changed == null ? text : changed.toString();
  }
}
