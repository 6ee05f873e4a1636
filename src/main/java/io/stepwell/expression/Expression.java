package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;

public final class Expression {
  public static Expression parse(String source) {
    throw new ExpressionSyntaxException("placeholder until the expression room lands");
  }

  public JsonNode evaluate(Scope scope) {
    throw new ExpressionException("placeholder until the expression room lands");
  }

  public boolean isTrue(Scope scope) {
    return false;
  }
}
