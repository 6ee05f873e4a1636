package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpression;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a schema document must hold to beyond its meta-schema, so that a stranger may write it. */
final class JsonSchemaDocument {
  private static final int MAX_PATTERN = 1000;
  private static final Set<String> REFERENCES = Set.of("$ref", "$dynamicRef");
  private static final Set<String> DATA = Set.of("const", "enum", "default", "examples");
  private static final Set<String> NAMED =
      Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

  private final JsonNode root;
  private final List<Problem> problems;

  private JsonSchemaDocument(JsonNode root, List<Problem> problems) {
    this.root = root;
    this.problems = problems;
  }

  static void check(JsonNode document, String pointer, List<Problem> problems) {
    new JsonSchemaDocument(document, problems).schema(document, pointer, true);
  }

  /** An unanchored match in linear time. */
  static RegularExpression linear(String expression) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new SchemaException(e);
    }
    return text -> pattern.matcher(text).find();
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
    return root.findValuesAsText("$anchor").contains(fragment)
        || root.findValuesAsText("$dynamicAnchor").contains(fragment);
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
    if (text.length() > MAX_PATTERN) {
      problems.add(new Problem(place, "is longer than " + MAX_PATTERN + " characters"));
      return;
    }
    try {
      Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      problems.add(
          new Problem(
              place,
              "is no regular expression of RE2 (no look-around, no back reference): "
                  + e.getDescription()));
    }
  }
}
