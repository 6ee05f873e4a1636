package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.Problem;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The body of an execute request. An empty one is {@code {}}.
 *
 * @param triggerData what the workflow's expressions see as {@code trigger}
 * @param labels at most {@value #MAX_LABELS}, to find executions by
 */
record ExecuteRequest(
    @Schema(type = SchemaType.OBJECT) ObjectNode triggerData, Map<String, String> labels) {
  static final int MAX_LABELS = 32;
  private static final int MAX_LABEL_NAME = 63;
  private static final int MAX_LABEL_VALUE = 255;

  static ExecuteRequest of(@Nullable JsonNode body) {
    if (body == null || body.isMissingNode()) {
      return new ExecuteRequest(Json.object(), Map.of());
    }
    JsonInput input = JsonInput.of(body);
    ObjectNode triggerData = input.object("triggerData").orElseGet(Json::object);
    ObjectNode labels = input.object("labels").orElseGet(Json::object);
    if (labels.size() > MAX_LABELS) {
      input.reject("labels", "has more than " + MAX_LABELS + " members");
    }
    Map<String, String> values = new TreeMap<>();
    labels
        .properties()
        .forEach(label -> {
          String pointer = Problem.child("/labels", label.getKey());
          if (!label.getValue().isTextual()) {
            input.problems().shape(pointer, "is not a string");
          } else if (label.getKey().isBlank()
              || label.getKey().contains(":")
              || label.getKey().length() > MAX_LABEL_NAME) {
            input
                .problems()
                .value(
                    pointer,
                    "has a name that is blank, has a colon, or is longer than "
                        + MAX_LABEL_NAME
                        + " characters");
          } else if (label.getValue().textValue().length() > MAX_LABEL_VALUE) {
            input.problems().value(pointer, "is longer than " + MAX_LABEL_VALUE + " characters");
          } else {
            values.put(label.getKey(), label.getValue().textValue());
          }
        });
    input.finish();
    return new ExecuteRequest(triggerData, values);
  }

  ObjectNode labelsAsJson() {
    ObjectNode json = Json.object();
    labels.forEach(json::put);
    return json;
  }
}
