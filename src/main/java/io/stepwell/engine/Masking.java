package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.action.Effect;
import io.stepwell.kernel.Json;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes what an action gave back fit to be stored and shown: the secrets that its execution has
 * read are masked in all their {@link SecretForms}, and characters that PostgreSQL cannot store are
 * replaced.
 */
final class Masking {
  private static final String MASK = "***";
  private static final char REPLACEMENT = '\uFFFD';

  // what is cut off in the midst of a secret ends with so much of it at least
  private static final int SHORTEST_BEGINNING = 6;

  private final List<String> forms;

  Masking(Set<String> secrets) {
    this.forms = SecretForms.of(secrets);
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
    for (String form : forms) {
      masked = masked.replace(form, MASK);
    }
    return storable(withoutBeginning(masked));
  }

  /** A text that was cut may end with the beginning of a secret. */
  private String withoutBeginning(String text) {
    for (String form : forms) {
      for (int length = Math.min(form.length() - 1, text.length());
          length >= SHORTEST_BEGINNING;
          length--) {
        if (text.regionMatches(text.length() - length, form, 0, length)) {
          return text.substring(0, text.length() - length) + MASK;
        }
      }
    }
    return text;
  }

  /** The row that a step creates, with the same masked in it. */
  Effect of(Effect effect) {
    return effect.with(this::of);
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
