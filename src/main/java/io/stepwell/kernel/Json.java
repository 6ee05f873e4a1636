package io.stepwell.kernel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON, strictly and without losing digits.
 *
 * <p>What it reads has no duplicate names, no trailing bytes, at most {@value #MAX_DEPTH} levels,
 * numbers of at most {@value #MAX_DIGITS} digits within the range of a double, and only strings
 * that PostgreSQL can store (no U+0000, no lone surrogate).
 */
public final class Json {
  public static final int MAX_DEPTH = 64;
  public static final int MAX_DIGITS = 100;
  private static final int MAX_NAME_LENGTH = 1_000;
  private static final char REPLACEMENT = '\uFFFD';

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_DIGITS + 8)
                          .maxNameLength(MAX_NAME_LENGTH)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final JsonMapper TRUSTED =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /**
   * Reads a document that came from outside.
   *
   * @throws Failure of kind MALFORMED that says what is wrong and, where known, at which pointers
   */
  public static JsonNode parse(byte[] document) {
    JsonNode tree;
    try {
      // decoded here: given bytes, Jackson would also guess UTF-16 and UTF-32
      tree = STRICT.readTree(text(document));
    } catch (CharacterCodingException e) {
      throw Failure.malformed("malformed_json", "The body is not valid UTF-8.");
    } catch (StreamConstraintsException e) {
      throw Failure.malformed(
          "malformed_json", "The JSON is over a limit: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw Failure.malformed(
          "malformed_json", "The body is not JSON: " + e.getOriginalMessage() + at(e));
    } catch (NumberFormatException e) {
      // Jackson lets through what BigDecimal says to an exponent of more than an int
      throw Failure.malformed("malformed_json", "The JSON holds a number that is out of range.");
    }
    if (tree == null || tree.isMissingNode()) {
      throw Failure.malformed("malformed_json", "The body is empty.");
    }
    List<Problem> problems = StorableJson.problems(tree);
    if (!problems.isEmpty()) {
      throw Failure.of(
          Failure.Kind.MALFORMED,
          "malformed_json",
          "The JSON holds values that cannot be stored.",
          problems);
    }
    return tree;
  }

  /** Only what may have been malformed is looked at closely: that takes much more memory. */
  private static String text(byte[] utf8) throws CharacterCodingException {
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
    }
    return text;
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  /** Reads a document that this service wrote. */
  public static JsonNode read(String stored) {
    try {
      return TRUSTED.readTree(stored);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored JSON does not parse", e);
    }
  }

  /**
   * A document that this service wrote, to be put into an answer as it is: its tree, which can take
   * thirty times the memory, is not made. It has nothing to look into.
   */
  public static JsonNode asItIs(String stored) {
    return JsonNodeFactory.instance.rawValueNode(new RawValue(stored));
  }

  /** The compact text of a tree. */
  public static String write(JsonNode tree) {
    try {
      return TRUSTED.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree does not write", e);
    }
  }

  /**
   * About how many bytes the text of a tree has: it counts what can be large, and writes nothing.
   */
  public static long weight(@Nullable JsonNode tree) {
    if (tree == null) {
      return 0;
    }
    if (tree.isTextual()) {
      return tree.textValue().length() + 3L;
    }
    long weight = 8;
    for (JsonNode child : tree) {
      weight += weight(child);
    }
    if (tree instanceof ObjectNode object) {
      Iterator<String> names = object.fieldNames();
      while (names.hasNext()) {
        weight += names.next().length() + 4L;
      }
    }
    return weight;
  }

  /** The mapper for answers and for what this service wrote itself. */
  public static ObjectMapper mapper() {
    return TRUSTED;
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }
}
