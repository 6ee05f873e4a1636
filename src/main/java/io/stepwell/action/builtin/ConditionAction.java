package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.expression.Condition;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Answers a question about the execution; its config is the question, rendered the answer. */
@ActionType("condition")
@ApplicationScoped
public class ConditionAction implements ActionHandler {
  // every form but a comparison stands alone
  private static final String SCHEMA =
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Decide",
        "description": "A comparison (field, operator, value), an expression, or all, any or not of such conditions.",
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
          "field": {
            "description": "Expression, without braces, whose value is compared: trigger.userType",
            "type": "string"
          },
          "operator": {
            "description": "How the field is compared. Values of different kinds compare to false; only numbers and strings are ordered; matches takes a regular expression of RE2.",
            "enum": [
              "equals", "not_equals",
              "greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal",
              "contains", "not_contains", "starts_with", "ends_with",
              "in", "not_in",
              "exists", "not_exists", "is_empty", "is_not_empty",
              "matches"
            ]
          },
          "value": {
            "description": "What it is compared with, any JSON, with expressions in double braces; needed save with exists, not_exists, is_empty and is_not_empty."
          },
          "expression": {
            "description": "Expression, without braces; the condition holds when its value is true.",
            "type": "string"
          },
          "all": {
            "description": "Holds when each of these does.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#"}
          },
          "any": {
            "description": "Holds when one of these does.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#"}
          },
          "not": {
            "description": "Holds when this one does not.",
            "$ref": "#"
          }
        },
        "dependentRequired": {"field": ["operator"], "operator": ["field"], "value": ["field"]},
        "dependentSchemas": {
          "expression": {"maxProperties": 1},
          "all": {"maxProperties": 1},
          "any": {"maxProperties": 1},
          "not": {"maxProperties": 1}
        }
      }
      """;

  @Override
  public ObjectNode configSchema() {
    return (ObjectNode) Json.read(SCHEMA);
  }

  @Override
  public boolean hasOutsideEffect() {
    return false;
  }

  @Override
  public ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    Condition condition = Condition.parse(config, pointer, errors);
    return scope -> Json.object().put("result", condition.test(scope));
  }

  @Override
  public ActionResult handle(ActionContext context) {
    return ActionResult.success(context.config());
  }
}
