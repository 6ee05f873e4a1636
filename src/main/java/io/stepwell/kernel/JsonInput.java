package io.stepwell.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a request object and collects everything that is wrong, each with its
 * pointer.
 *
 * <p>A member that is JSON null counts as absent. Read every member that is allowed, then call
 * {@link #finish}: a member that nobody asked for is unknown and refused. Not thread-safe.
 */
public final class JsonInput {

  /** Everything that is wrong with one document. A misshapen one is refused as malformed. */
  public static final class Problems {
    private final List<Problem> all = new ArrayList<>();
    private boolean misshapen;
    private int count;

    /** A wrong type or an unknown member. */
    public void shape(String pointer, String detail) {
      misshapen = true;
      value(pointer, detail);
    }

    /** A well-formed value that is not allowed here. */
    public void value(String pointer, String detail) {
      count++;
      if (all.size() <= Problem.MOST) {
        all.add(new Problem(pointer, detail));
      }
    }

    public boolean isEmpty() {
      return all.isEmpty();
    }

    /** How many there were, those that are not listed any more included. */
    public int count() {
      return count;
    }

    public boolean misshapen() {
      return misshapen;
    }

    public List<Problem> list() {
      return Problem.first(all, count, "");
    }
  }

  private final ObjectNode node;
  private final String pointer;
  private final Problems problems;
  private final Set<String> asked = new HashSet<>();

  private JsonInput(ObjectNode node, String pointer, Problems problems) {
    this.node = node;
    this.pointer = pointer;
    this.problems = problems;
  }

  /**
   * The whole body of a request.
   *
   * @throws Failure of kind MALFORMED when it is not an object
   */
  public static JsonInput of(JsonNode body) {
    if (body instanceof ObjectNode object) {
      return new JsonInput(object, "", new Problems());
    }
    boolean missing = body.isMissingNode();
    throw Failure.of(
        Failure.Kind.MALFORMED,
        "invalid_request",
        missing ? "The body is missing: it is a JSON object." : "The body is a JSON object.",
        List.of(new Problem("", missing ? "is required" : "is not an object")));
  }

  public String pointer() {
    return pointer;
  }

  public String pointer(String name) {
    return Problem.child(pointer, name);
  }

  public Problems problems() {
    return problems;
  }

  /** Adds a problem with the value of a member. */
  public void reject(String name, String detail) {
    problems.value(pointer(name), detail);
  }

  public boolean has(String name) {
    return present(name).isPresent();
  }

  /** The member as it came, whatever its type. */
  public Optional<JsonNode> any(String name) {
    return present(name);
  }

  /** A string of at most {@code maxLength} characters, not blank. */
  public Optional<String> text(String name, int maxLength) {
    return text(name, maxLength, t -> true, "");
  }

  /** A string that must also satisfy {@code rule}; {@code otherwise} says what it should be. */
  public Optional<String> text(
      String name, int maxLength, Predicate<String> rule, String otherwise) {
    Optional<JsonNode> value = typed(name, JsonNode::isTextual, "is not a string");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String text = value.get().textValue();
    if (text.isBlank()) {
      reject(name, "is blank");
    } else if (text.codePointCount(0, text.length()) > maxLength) {
      reject(name, "is longer than " + maxLength + " characters");
    } else if (!rule.test(text)) {
      reject(name, otherwise);
    } else {
      return value.map(JsonNode::textValue);
    }
    return Optional.empty();
  }

  /** As {@link #text(String, int)}; a missing member is a problem and reads as "". */
  public String requiredText(String name, int maxLength) {
    return requiredText(name, maxLength, t -> true, "");
  }

  public String requiredText(String name, int maxLength, Predicate<String> rule, String otherwise) {
    require(name);
    return text(name, maxLength, rule, otherwise).orElse("");
  }

  /** A whole number from {@code min} to {@code max}. */
  public Optional<Long> integer(String name, long min, long max) {
    Optional<JsonNode> value = typed(name, JsonNode::isIntegralNumber, "is not a whole number");
    if (value.isPresent()
        && (!value.get().canConvertToLong()
            || value.get().longValue() < min
            || value.get().longValue() > max)) {
      reject(name, "is not from " + min + " to " + max);
      return Optional.empty();
    }
    return value.map(JsonNode::longValue);
  }

  /** A number from {@code min} to {@code max}. */
  public Optional<Double> number(String name, double min, double max) {
    Optional<JsonNode> value = typed(name, JsonNode::isNumber, "is not a number");
    if (value.isPresent() && (value.get().doubleValue() < min || value.get().doubleValue() > max)) {
      reject(name, "is not from " + min + " to " + max);
      return Optional.empty();
    }
    return value.map(JsonNode::doubleValue);
  }

  public Optional<Boolean> flag(String name) {
    return typed(name, JsonNode::isBoolean, "is not true or false").map(JsonNode::booleanValue);
  }

  /** An RFC 3339 time. */
  public Optional<Instant> time(String name) {
    Optional<JsonNode> value = typed(name, JsonNode::isTextual, "is not a string");
    Optional<Instant> time = value.map(JsonNode::textValue).flatMap(Times::parse);
    if (value.isPresent() && time.isEmpty()) {
      reject(name, "is not an RFC 3339 time such as 2026-11-22T19:44:15.123Z");
    }
    return time;
  }

  /** One of the names that {@code name} lists, compared exactly as {@code spelling} writes them. */
  public <E extends Enum<E>> Optional<E> choice(
      String name, Class<E> type, java.util.function.Function<E, String> spelling) {
    Optional<JsonNode> value = typed(name, JsonNode::isTextual, "is not a string");
    Optional<E> chosen =
        value.flatMap(v ->
            Arrays.stream(type.getEnumConstants())
                .filter(e -> spelling.apply(e).equals(v.textValue()))
                .findFirst());
    if (value.isPresent() && chosen.isEmpty()) {
      reject(
          name,
          "is not one of "
              + String.join(", ", Arrays.stream(type.getEnumConstants()).map(spelling).toList()));
    }
    return chosen;
  }

  /** An object to be read as it is, whatever its members. */
  public Optional<ObjectNode> object(String name) {
    return typed(name, JsonNode::isObject, "is not an object").map(ObjectNode.class::cast);
  }

  /** An object whose members are read in turn; its own {@link #end} must be called. */
  public Optional<JsonInput> nested(String name) {
    return object(name).map(o -> new JsonInput(o, pointer(name), problems));
  }

  /** An array of objects; elements of another type are problems and left out. */
  public Optional<List<JsonInput>> list(String name) {
    Optional<JsonNode> value = typed(name, JsonNode::isArray, "is not an array");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    List<JsonInput> elements = new ArrayList<>();
    for (int i = 0; i < value.get().size(); i++) {
      String place = Problem.child(pointer(name), i);
      if (value.get().get(i) instanceof ObjectNode object) {
        elements.add(new JsonInput(object, place, problems));
      } else {
        problems.shape(place, "is not an object");
      }
    }
    return Optional.of(elements);
  }

  /** Adds a problem when the member is absent. */
  public void require(String name) {
    if (present(name).isEmpty()) {
      reject(name, "is required");
    }
  }

  /** Adds a problem for every member that nobody asked for. */
  public void end() {
    node.fieldNames()
        .forEachRemaining(name -> {
          if (!asked.contains(name)) {
            problems.shape(pointer(name), "is not a known member");
          }
        });
  }

  /**
   * Ends reading.
   *
   * @throws Failure with every problem: of kind MALFORMED
   */
  public void finish() {
    finish(Failure.Kind.MALFORMED, "invalid_request");
  }

  /**
   * Ends reading.
   *
   * @throws Failure with every problem: of kind MALFORMED when the shape is wrong, of {@code kind}
   *     when only values are
   */
  public void finish(Failure.Kind kind, String code) {
    end();
    if (problems.isEmpty()) {
      return;
    }
    Problem first = problems.list().getFirst();
    String detail = first.pointer() + " " + first.detail() + ".";
    int more = problems.list().size() - 1;
    if (more > 0) {
      detail += " And " + more + " more.";
    }
    throw problems.misshapen()
        ? Failure.of(Failure.Kind.MALFORMED, "invalid_request", detail, problems.list())
        : Failure.of(kind, code, detail, problems.list());
  }

  private Optional<JsonNode> present(String name) {
    asked.add(name);
    @Nullable JsonNode value = node.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  private Optional<JsonNode> typed(String name, Predicate<JsonNode> type, String otherwise) {
    Optional<JsonNode> value = present(name);
    if (value.isPresent() && !type.test(value.get())) {
      problems.shape(pointer(name), otherwise);
      return Optional.empty();
    }
    return value;
  }
}
