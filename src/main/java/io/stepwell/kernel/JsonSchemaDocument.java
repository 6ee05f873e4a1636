package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpression;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a schema document must hold to beyond its meta-schema, so that a stranger may write it. */
final class JsonSchemaDocument {
  // what all of them together become when they are compiled: a few megabytes
  private static final int MAX_SIZE_OF_PATTERNS = 50_000;
  private static final Set<String> REFERENCES = Set.of("$ref", "$dynamicRef");
  private static final Set<String> DATA = Set.of("const", "enum", "default", "examples");
  private static final Set<String> NAMED =
      Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

  private final JsonNode root;
  private final List<Problem> problems;
  private final Set<String> anchors;
  private long sizeOfPatterns;

  private JsonSchemaDocument(JsonNode root, List<Problem> problems) {
    this.root = root;
    this.problems = problems;
    this.anchors = new HashSet<>(root.findValuesAsText("$anchor"));
    anchors.addAll(root.findValuesAsText("$dynamicAnchor"));
  }

  static void check(JsonNode document, String pointer, List<Problem> problems) {
    JsonSchemaDocument check = new JsonSchemaDocument(document, problems);
    check.schema(document, pointer, true);
    if (check.sizeOfPatterns > MAX_SIZE_OF_PATTERNS) {
      problems.add(new Problem(pointer, "has patterns that are too large together"));
    }
  }

  /** An unanchored match in linear time, within the time of the evaluation that asks for it. */
  static RegularExpression linear(String expression) {
    LinearPattern pattern;
    try {
      pattern = LinearPattern.compile(expression);
    } catch (LinearPattern.Refused e) {
      throw new SchemaException(String.valueOf(e.getMessage()));
    }
    return text -> pattern.find(text, JsonSchemaEvaluation::look);
  }

  private void schema(JsonNode schema, String pointer, boolean whole) {
    for (Map.Entry<String, JsonNode> member : schema.properties()) {
      String place = Problem.child(pointer, member.getKey());
      keyword(member.getKey(), member.getValue(), place, whole);
      if (NAMED.contains(member.getKey())) {
        named(member, place);
      } else if (!DATA.contains(member.getKey())) {
        subschemas(member.getValue(), place);
      }
    }
  }

  private void keyword(String name, JsonNode value, String place, boolean whole) {
    if (!value.isTextual()) {
      return;
    }
    String text = value.textValue();
    if (REFERENCES.contains(name)) {
      reference(text, place);
    } else if (name.equals("$schema") && !JsonSchema.DIALECT.equals(text)) {
      problems.add(new Problem(place, "is not " + JsonSchema.DIALECT));
    } else if (name.equals("$id") && !whole) {
      problems.add(new Problem(place, "is allowed for the whole schema only"));
    } else if (name.equals("pattern")) {
      pattern(text, place);
    }
  }

  private void reference(String text, String place) {
    if (!text.startsWith("#")) {
      problems.add(new Problem(place, "refers to another document; only #… is allowed"));
    } else if (!resolves(text)) {
      problems.add(new Problem(place, "refers to no schema in this document"));
    }
  }

  private boolean resolves(String reference) {
    String fragment;
    try {
      fragment = URI.create(reference).getFragment();
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (fragment.isEmpty() || fragment.startsWith("/")) {
      JsonNode target = root.at(fragment);
      return target.isObject() || target.isBoolean();
    }
    return anchors.contains(fragment);
  }

  private void named(Map.Entry<String, JsonNode> member, String place) {
    for (Map.Entry<String, JsonNode> child : member.getValue().properties()) {
      String childPlace = Problem.child(place, child.getKey());
      if (member.getKey().equals("patternProperties")) {
        pattern(child.getKey(), childPlace);
      }
      schema(child.getValue(), childPlace, false);
    }
  }

  private void subschemas(JsonNode value, String place) {
    if (value.isObject()) {
      schema(value, place, false);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        schema(value.get(i), Problem.child(place, i), false);
      }
    }
  }

  private void pattern(String text, String place) {
    try {
      sizeOfPatterns += LinearPattern.compile(text).size();
    } catch (LinearPattern.Refused e) {
      problems.add(
          new Problem(
              place,
              "is not a regular expression of RE2 (no look-around, no back reference): "
                  + e.getMessage()));
    }
  }
}
