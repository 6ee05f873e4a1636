package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

public final class Condition {
  public static Condition parse(JsonNode config, String pointer, List<TemplateError> errors) {
    throw new IllegalStateException("placeholder until the expression room lands");
  }

  public boolean test(Scope scope) {
    return false;
  }
}
