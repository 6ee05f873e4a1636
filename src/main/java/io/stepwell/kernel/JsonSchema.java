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
import com.networknt.schema.path.NodePath;
import com.networknt.schema.path.PathType;
import com.networknt.schema.resource.SchemaLoader;
import io.stepwell.kernel.Turns.Turn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A JSON Schema of draft 2020-12 that finds everything that is wrong with a value. Immutable,
 * thread-safe.
 *
 * <p>Made for schemas and values that strangers wrote: nothing is ever loaded from elsewhere,
 * regular expressions take linear time, and an evaluation that takes too much work, or 250 ms, is a
 * violation. A list of what is wrong has at most a hundred entries and says how many more there
 * are. Formats are checked.
 */
public final class JsonSchema {
  public static final int MAX_BYTES = 64 * 1024;
  static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  /** Keywords whose failure does not say which part of the value is to blame. */
  private static final Set<String> WHOLE =
      Set.of("anyOf", "oneOf", "not", "else", "contains", "const", "enum", "uniqueItems");

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDialect(
          JsonSchemaKeywords.dialect(),
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
      JsonSchemaDocument.check(document, pointer, found);
      Set<String> places = found.stream().map(Problem::pointer).collect(Collectors.toSet());
      // what is said there already says more
      evaluate(META, document, pointer, value -> false, Turn.ALWAYS).stream()
          .filter(problem -> !places.contains(problem.pointer()))
          .forEach(found::add);
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
    return violations(value, pointer, Turn.ALWAYS);
  }

  /** The same of a schema that a workspace wrote, in its turn. */
  public List<Problem> violations(JsonNode value, String pointer, Turn turn) {
    return evaluate(schema, value, pointer, part -> false, turn);
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
    return evaluate(schema, value, pointer, unknown, Turn.ALWAYS);
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
      Schema schema, JsonNode value, String pointer, Predicate<JsonNode> unknown, Turn turn) {
    JsonSchemaEvaluation evaluation =
        new JsonSchemaEvaluation(
            ExecutionConfig.builder().locale(Locale.ROOT).formatAssertionsEnabled(true).build(),
            turn);
    try {
      evaluation.run(() -> schema.validate(evaluation, value, OutputFormat.DEFAULT));
    } catch (JsonSchemaEvaluation.Exhausted e) {
      return List.of(new Problem(pointer, e.getMessage()));
    } catch (StackOverflowError e) {
      // the expressions of some formats recurse
      return List.of(new Problem(pointer, "is too long or too deep to be checked"));
    } catch (SchemaException e) {
      // a reference into data, such as an enum, is only read when it is followed
      return List.of(new Problem(pointer, "meets a schema that is none: " + e.getMessage()));
    }
    // a message may quote all of the schema, so it is made for what is listed only
    Set<Problem> problems = new LinkedHashSet<>();
    int more = evaluation.dropped();
    for (Error error : evaluation.getErrors()) {
      if (certain(error, value, unknown)) {
        if (problems.size() < Problem.MOST) {
          problems.add(new Problem(pointer + place(error), error.getMessage()));
        } else {
          more++;
        }
      }
    }
    return Problem.first(List.copyOf(problems), problems.size() + more, pointer);
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
