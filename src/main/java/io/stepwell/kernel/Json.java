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
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes JSON, strictly and without losing digits.
 *
 * <p>What it reads has no duplicate names, no trailing bytes, at most {@value #MAX_DEPTH} levels,
 * numbers of at most {@value #MAX_DIGITS} digits within the range of a double, and only strings that
 * PostgreSQL can store (no U+0000, no lone surrogate).
 */
public final class Json {
  public static final int MAX_DEPTH = 64;
  public static final int MAX_DIGITS = 100;
  private static final int MAX_MAGNITUDE = 308;

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_DIGITS + 8)
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
      tree =
          STRICT.readTree(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString());
    } catch (CharacterCodingException e) {
      throw Failure.malformed("malformed_json", "The body is not valid UTF-8.");
    } catch (StreamConstraintsException e) {
      throw Failure.malformed(
          "malformed_json", "The JSON is over a limit: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw Failure.malformed(
          "malformed_json",
          "The body is not JSON: " + e.getOriginalMessage() + at(e));
    } catch (NumberFormatException e) {
      // Jackson lets through what BigDecimal says to an exponent of more than an int
      throw Failure.malformed("malformed_json", "The JSON holds a number that is out of range.");
    }
    if (tree == null || tree.isMissingNode()) {
      throw Failure.malformed("malformed_json", "The body is empty.");
    }
    List<Problem> problems = new ArrayList<>();
    check(tree, "", problems);
    if (!problems.isEmpty()) {
      throw Failure.of(
          Failure.Kind.MALFORMED,
          "malformed_json",
          "The JSON holds values that cannot be stored.",
          problems);
    }
    return tree;
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ")";
  }

  /** Reads a document that this service wrote. */
  public static JsonNode read(String stored) {
    try {
      return TRUSTED.readTree(stored);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored JSON does not parse", e);
    }
  }

  /** The compact text of a tree. */
  public static String write(JsonNode tree) {
    try {
      return TRUSTED.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree does not write", e);
    }
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

  /** Adds a problem for every value below {@code node} that cannot be stored. */
  public static void check(JsonNode node, String pointer, List<Problem> problems) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              member -> {
                String child = Problem.child(pointer, member.getKey());
                checkText(member.getKey(), child, problems);
                check(member.getValue(), child, problems);
              });
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        check(node.get(i), Problem.child(pointer, i), problems);
      }
    } else if (node.isTextual()) {
      checkText(node.textValue(), pointer, problems);
    } else if (node.isBigDecimal() || node.isBigInteger()) {
      checkNumber(node.decimalValue(), pointer, problems);
    }
  }

  private static void checkNumber(BigDecimal number, String pointer, List<Problem> problems) {
    long magnitude = (long) number.precision() - number.scale();
    if (number.precision() > MAX_DIGITS) {
      problems.add(new Problem(pointer, "a number has at most " + MAX_DIGITS + " digits"));
    } else if (number.signum() != 0 && Math.abs(magnitude) > MAX_MAGNITUDE) {
      problems.add(new Problem(pointer, "the number is out of range (at most about 1e308)"));
    }
  }

  private static void checkText(String text, String pointer, List<Problem> problems) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        problems.add(new Problem(pointer, "U+0000 is not allowed in a string"));
        return;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        problems.add(new Problem(pointer, "a lone surrogate is not allowed in a string"));
        return;
      }
    }
  }
}
