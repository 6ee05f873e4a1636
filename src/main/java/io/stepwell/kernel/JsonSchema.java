package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.OutputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.path.NodePath;
import com.networknt.schema.path.PathType;
import com.networknt.schema.resource.SchemaLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A JSON Schema of draft 2020-12 that finds everything that is wrong with a value. Immutable,
 * thread-safe.
 *
 * <p>Made for schemas and values that strangers wrote: nothing is ever loaded from elsewhere,
 * regular expressions take linear time, and an evaluation that takes too much work is a violation.
 * Formats are checked.
 */
public final class JsonSchema {
  public static final int MAX_BYTES = 64 * 1024;
  static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final int MAX_PROBLEMS = 1000;

  /** Keywords whose failure does not say which part of the value is to blame. */
  private static final Set<String> WHOLE =
      Set.of("anyOf", "oneOf", "not", "else", "contains", "const", "enum", "uniqueItems");

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDialect(
          Dialects.getDraft202012(),
          builder ->
              builder
                  .schemaCacheEnabled(false)
                  // the meta-schemas lie in the validator's jar; nothing else may be fetched
                  .schemaLoader(
                      new SchemaLoader(
                          List.of(),
                          List.of(),
                          iri ->
                              iri.toString().startsWith("https://json-schema.org/draft/2020-12/"),
                          iri -> false))
                  .schemaRegistryConfig(
                      SchemaRegistryConfig.builder()
                          .pathType(PathType.JSON_POINTER)
                          .formatAssertionsEnabled(true)
                          .locale(Locale.ROOT)
                          .regularExpressionFactory(JsonSchemaDocument::linear)
                          .build()));

  private static final Schema META = REGISTRY.getSchema(SchemaLocation.of(DIALECT));

  private final Schema schema;

  private JsonSchema(Schema schema) {
    this.schema = schema;
  }

  /**
   * Reads a schema; empty when it is none, with everything that is wrong added to {@code problems}.
   *
   * <p>A {@code $ref} stays within the document. An {@code $id} of the whole document is ignored.
   *
   * @param pointer the place of the schema in the document that the problems point into
   */
  public static Optional<JsonSchema> parse(
      JsonNode document, String pointer, List<Problem> problems) {
    List<Problem> found = new ArrayList<>();
    if (Json.write(document).getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      found.add(new Problem(pointer, "is larger than " + MAX_BYTES / 1024 + " KiB"));
    } else {
      found.addAll(evaluate(META, document, pointer, value -> false));
      JsonSchemaDocument.check(document, pointer, found);
    }
    if (found.isEmpty()) {
      try {
        return Optional.of(new JsonSchema(REGISTRY.getSchema(withoutId(document))));
      } catch (SchemaException e) {
        found.add(new Problem(pointer, "is no JSON Schema: " + e.getMessage()));
      }
    }
    problems.addAll(found);
    return Optional.empty();
  }

  /** Everything that is wrong with {@code value}, which lies at {@code pointer} of its document. */
  public List<Problem> violations(JsonNode value, String pointer) {
    return evaluate(schema, value, pointer, part -> false);
  }

  /**
   * What is wrong with {@code value}, whatever the parts that {@code unknown} names turn out to be.
   *
   * <p>An {@code if} is judged by the parts as they stand: write it so that it fails for what is
   * not known yet, as a comparison by {@code const} or {@code enum} does.
   *
   * @param unknown the parts whose values are not known yet
   */
  public List<Problem> violations(JsonNode value, String pointer, Predicate<JsonNode> unknown) {
    return evaluate(schema, value, pointer, unknown);
  }

  private static JsonNode withoutId(JsonNode document) {
    if (document instanceof ObjectNode object && object.has("$id")) {
      ObjectNode copy = object.deepCopy();
      copy.remove("$id");
      return copy;
    }
    return document.deepCopy();
  }

  private static List<Problem> evaluate(
      Schema schema, JsonNode value, String pointer, Predicate<JsonNode> unknown) {
    List<Error> errors;
    try {
      JsonSchemaEvaluation evaluation =
          new JsonSchemaEvaluation(
              ExecutionConfig.builder().locale(Locale.ROOT).formatAssertionsEnabled(true).build());
      schema.validate(evaluation, value, OutputFormat.DEFAULT);
      errors = evaluation.getErrors();
    } catch (JsonSchemaEvaluation.Exhausted e) {
      return List.of(new Problem(pointer, e.getMessage()));
    } catch (SchemaException e) {
      // a reference into data, such as an enum, is only read when it is followed
      return List.of(new Problem(pointer, "meets a schema that is none: " + e.getMessage()));
    }
    List<Problem> problems =
        errors.stream()
            .filter(error -> certain(error, value, unknown))
            .map(error -> new Problem(pointer + place(error), error.getMessage()))
            .distinct()
            .toList();
    if (problems.size() <= MAX_PROBLEMS) {
      return problems;
    }
    List<Problem> first = new ArrayList<>(problems.subList(0, MAX_PROBLEMS));
    first.add(new Problem(pointer, "and " + (problems.size() - MAX_PROBLEMS) + " more"));
    return first;
  }

  /** The place of the value, or of the member that is missing or too many. */
  private static String place(Error error) {
    String parent = error.getInstanceLocation().toString();
    return switch (error.getKeyword()) {
      case "required", "additionalProperties", "unevaluatedProperties" ->
          error.getProperty() == null ? parent : Problem.child(parent, error.getProperty());
      // its property is the member that asks for another
      case "dependentRequired" -> Problem.child(parent, String.valueOf(error.getArguments()[0]));
      default -> parent;
    };
  }

  private static boolean certain(Error error, JsonNode value, Predicate<JsonNode> unknown) {
    JsonNode part = value.at(error.getInstanceLocation().toString());
    if (unknown.test(part)) {
      return false;
    }
    return !dependsOnAll(error) || !holds(part, unknown);
  }

  private static boolean dependsOnAll(Error error) {
    NodePath path = error.getEvaluationPath();
    for (int i = 0; i < path.getNameCount(); i++) {
      if (WHOLE.contains(path.getName(i))) {
        return true;
      }
    }
    return WHOLE.contains(error.getKeyword());
  }

  private static boolean holds(JsonNode part, Predicate<JsonNode> unknown) {
    if (unknown.test(part)) {
      return true;
    }
    for (JsonNode child : part) {
      if (holds(child, unknown)) {
        return true;
      }
    }
    return false;
  }
}
