package io.stepwell.action;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.JsonSchema;
import io.stepwell.kernel.Problem;
import java.util.List;

/**
 * An action type that this service can run. Immutable, thread-safe.
 *
 * @param handler called through its CDI proxy
 */
public record RegisteredAction(
    String type, ActionHandler handler, ObjectNode configSchema, JsonSchema schema) {
  private static final String EXPRESSION = "{{";

  /** The rendered config, with text where the schema wants text. */
  public ObjectNode coerced(ObjectNode rendered) {
    return TextCoercion.apply(rendered, configSchema);
  }

  /** Everything in which a rendered config does not satisfy the schema. */
  public List<Problem> violations(JsonNode config, String pointer) {
    return schema.violations(config, pointer);
  }

  /**
   * What can be said of a config before its expressions have values: a string with an expression
   * may become anything.
   */
  public List<Problem> staticViolations(ObjectNode config, String pointer) {
    return schema.violations(
        config, pointer, part -> part.isTextual() && part.textValue().contains(EXPRESSION));
  }
}
