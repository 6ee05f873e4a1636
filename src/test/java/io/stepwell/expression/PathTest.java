package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathTest {
  private static final String[] NAMES = {"a", "b", "c", "secrets"};

  @Test
  void a_path_gives_the_same_with_and_without_jsonata() {
    Random random = new Random(20261122);
    int direct = 0;
    int present = 0;
    for (int i = 0; i < 4_000; i++) {
      ObjectNode names = object(random, 4);
      Scope scope = Scope.of(names, name -> Optional.of("secret " + name));
      String source = path(random);

      Optional<JsonNode> found = Path.parse(source).orElseThrow().find(scope);
      // a block around it keeps the library from seeing a path that we know
      JsonNode expected = Program.parse("(" + source + ")").evaluate(scope);

      if (found.isPresent()) {
        assertThat(found.get()).describedAs("%s of %s", source, names).isEqualTo(expected);
        direct++;
        present += found.get().isMissingNode() ? 0 : 1;
      }
      assertThat(Expression.parse(source).evaluate(scope)).isEqualTo(expected);
    }
    assertThat(direct).isGreaterThan(2_000);
    assertThat(present).isGreaterThan(500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.true",
        "null",
        "a.and",
        "or",
        "in.a",
        "function",
        "a..b",
        ".a",
        "a.",
        "a[0]",
        "a-b",
        "1a",
        "$a",
        "a b",
        "é"
      })
  void what_jsonata_may_read_otherwise_is_no_bare_path(String source) {
    assertThat(Path.parse(source)).isEmpty();
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder(NAMES[random.nextInt(NAMES.length)]);
    for (int i = random.nextInt(4); i > 0; i--) {
      path.append('.').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = Json.object();
    for (String name : NAMES) {
      if (random.nextInt(4) > 0 && (depth < 4 || !name.equals("secrets"))) {
        object.set(name, value(random, depth - 1));
      }
    }
    return object;
  }

  private static JsonNode value(Random random, int depth) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 0 ? 16 : 9)) {
      case 0 -> json.nullNode();
      case 1 -> json.booleanNode(random.nextBoolean());
      case 2 -> json.numberNode(random.nextInt());
      case 3 -> json.numberNode(random.nextLong());
      case 4 -> json.numberNode(new BigInteger(100, random));
      case 5 -> DecimalNode.valueOf(new BigDecimal("1.500"));
      case 6 -> json.numberNode(random.nextDouble());
      case 7 -> json.textNode("t" + random.nextInt(9));
      case 8 -> json.arrayNode();
      case 9, 10 -> {
        ArrayNode array = json.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
      default -> object(random, depth);
    };
  }
}
