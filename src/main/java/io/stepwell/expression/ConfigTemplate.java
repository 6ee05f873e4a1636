package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;

/** An action's config, parsed once, that can be given its values again and again. */
public interface ConfigTemplate {
  /**
   * The config with every expression replaced by its value.
   *
   * @throws ExpressionException when one of them fails
   */
  JsonNode render(Scope scope);
}
