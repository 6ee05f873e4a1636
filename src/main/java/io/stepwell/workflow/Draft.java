package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A definition that passed every check and is not saved yet.
 *
 * @param key the key to have, {@code null} to keep the one it has
 * @param name {@code null} for the key
 * @param triggerSchema as it was sent
 * @param actions as they were sent
 */
record Draft(
    @Nullable String key,
    @Nullable String name,
    @Nullable String description,
    boolean enabled,
    @Nullable JsonNode triggerSchema,
    JsonNode actions) {

  String keyOr(String present) {
    return Objects.requireNonNullElse(key, present);
  }

  String nameOr(String otherwise) {
    return Objects.requireNonNullElse(name, otherwise);
  }

  /** The document of a version, under the key that it is saved with. */
  ObjectNode document(String savedKey) {
    ObjectNode document = Json.object();
    document.put("key", savedKey);
    document.put("name", nameOr(savedKey));
    if (description != null) {
      document.put("description", description);
    }
    document.put("enabled", enabled);
    if (triggerSchema != null) {
      document.set("triggerSchema", triggerSchema);
    }
    document.set("actions", actions);
    return document;
  }
}
