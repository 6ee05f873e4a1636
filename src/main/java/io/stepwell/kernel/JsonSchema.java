package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import com.networknt.schema.path.PathType;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema of draft 2020-12 that came from outside, safe to run: it reaches no network, its
 * regular expressions take linear time (RE2), and its references stay within it. Immutable,
 * thread-safe.
 */
public final class JsonSchema {
  /** The longest schema, as JSON text. */
  public static final int MAX_LENGTH = 65_536;

  private static final String META_SCHEMA = "https://json-schema.org/draft/2020-12/schema";

  private static final SchemaRegistryConfig CONFIG =
      SchemaRegistryConfig.builder()
          .pathType(PathType.JSON_POINTER)
          .formatAssertionsEnabled(true)
          .regularExpressionFactory(new LinearTime())
          .locale(Locale.ROOT)
          .build();

  private static final Schema META =
      registry().getSchema(SchemaLocation.of(META_SCHEMA));

  private final Schema schema;

  private JsonSchema(Schema schema) {
    this.schema = schema;
  }

  /** A registry for each schema: none sees another's identifiers. */
  private static SchemaRegistry registry() {
    return SchemaRegistry.withDefaultDialect(
        SpecificationVersion.DRAFT_2020_12,
        builder ->
            builder
                .schemaRegistryConfig(CONFIG)
                .schemaLoader(loader -> loader.fetchRemoteResources(false)));
  }

  /**
   * Reads a schema.
   *
   * @param pointer where it stands in the request
   * @param problems gets everything that is wrong with it; empty is answered then
   */
  public static Optional<JsonSchema> parse(
      ObjectNode schema, String pointer, List<Problem> problems) {
    if (Json.write(schema).length() > MAX_LENGTH) {
      problems.add(new Problem(pointer, "is longer than " + MAX_LENGTH + " characters"));
      return Optional.empty();
    }
    List<Problem> found = new ArrayList<>(violations(META, schema, pointer));
    checkReferences(schema, pointer, found);
    if (found.isEmpty()) {
      try {
        JsonSchema parsed = new JsonSchema(registry().getSchema(schema));
        parsed.schema.initializeValidators();
        return Optional.of(parsed);
      } catch (SchemaException | StackOverflowError e) {
        // the error of a schema that refers to itself without end is a stack that is too small
        found.add(new Problem(pointer, "is no usable schema: " + reason(e)));
      }
    }
    problems.addAll(found);
    return Optional.empty();
  }

  private static String reason(Throwable e) {
    return e instanceof StackOverflowError || e.getMessage() == null
        ? "it refers to itself without end"
        : e.getMessage();
  }

  private static void checkReferences(JsonNode node, String pointer, List<Problem> problems) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              member -> {
                String child = Problem.child(pointer, member.getKey());
                JsonNode value = member.getValue();
                switch (member.getKey()) {
                  case "$ref", "$dynamicRef" -> {
                    if (value.isTextual() && !value.textValue().startsWith("#")) {
                      problems.add(new Problem(child, "refers to something outside the schema"));
                    }
                  }
                  case "$schema" -> {
                    if (value.isTextual() && !META_SCHEMA.equals(value.textValue())) {
                      problems.add(new Problem(child, "is not " + META_SCHEMA));
                    }
                  }
                  case "pattern" -> {
                    if (value.isTextual()) {
                      checkPattern(value.textValue(), child, problems);
                    }
                  }
                  case "patternProperties" ->
                      value
                          .fieldNames()
                          .forEachRemaining(
                              name -> checkPattern(name, Problem.child(child, name), problems));
                  default -> {}
                }
                checkReferences(value, child, problems);
              });
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        checkReferences(node.get(i), Problem.child(pointer, i), problems);
      }
    }
  }

  private static void checkPattern(String pattern, String pointer, List<Problem> problems) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      problems.add(
          new Problem(pointer, "is no regular expression of the RE2 syntax: " + e.getDescription()));
    }
  }

  /**
   * Everything in which {@code value} does not satisfy the schema.
   *
   * @param pointer where the value stands in the request
   */
  public List<Problem> violations(JsonNode value, String pointer) {
    try {
      return violations(schema, value, pointer);
    } catch (SchemaException | StackOverflowError e) {
      return List.of(new Problem(pointer, "cannot be checked: " + reason(e)));
    }
  }

  private static List<Problem> violations(Schema schema, JsonNode value, String pointer) {
    List<Problem> problems = new ArrayList<>();
    for (Error error : schema.validate(value)) {
      problems.add(new Problem(pointer + place(error), error.getMessage()));
    }
    return List.copyOf(problems);
  }

  /** The place of the value, or of the member that is missing or too many. */
  private static String place(Error error) {
    NodePath path = error.getInstanceLocation();
    @Nullable String property = error.getProperty();
    boolean ofMember =
        property != null
            && ("required".equals(error.getKeyword())
                || "additionalProperties".equals(error.getKeyword())
                || "unevaluatedProperties".equals(error.getKeyword()));
    return ofMember ? Problem.child(path.toString(), property) : path.toString();
  }

  /** Regular expressions that no input can make slow. */
  private static final class LinearTime implements RegularExpressionFactory {
    @Override
    public RegularExpression getRegularExpression(String regex) {
      try {
        Pattern pattern = Pattern.compile(regex);
        return text -> pattern.matcher(text).find();
      } catch (PatternSyntaxException e) {
        throw new SchemaException("no regular expression of the RE2 syntax: " + regex);
      }
    }
  }
}
