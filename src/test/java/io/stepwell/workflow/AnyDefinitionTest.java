package io.stepwell.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.Tries;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every definition, tried on many that are nearly right. */
class AnyDefinitionTest {
  private static final int TRIES = Tries.of(1_000, 5_000);
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> TEXTS =
      List.of(
          "a",
          "",
          " ",
          "wait",
          "condition",
          "note",
          "nonesuch",
          "wait_1",
          "stop",
          "continue",
          "retry",
          "executions",
          "trigger.x = 1",
          "1 +",
          "{{ trigger.x }}",
          "{{ (",
          "}}",
          "\u0000",
          "\ud800",
          "http://localhost/",
          "#/nowhere",
          "~0/~1",
          "日本");
  private static final List<String> MEMBERS =
      List.of(
          "key",
          "name",
          "description",
          "enabled",
          "triggerSchema",
          "actions",
          "type",
          "config",
          "onError",
          "retry",
          "timeout",
          "when",
          "then",
          "else",
          "maxRetries",
          "delayMs",
          "factor",
          "maxDelayMs",
          "jitter",
          "text",
          "properties",
          "required",
          "$ref",
          "pattern",
          "x");

  private final DefinitionReader reader = Definitions.reader();

  @Test
  void reading_ends_with_a_draft_or_with_all_of_its_problems() {
    for (int seed = 0; seed < TRIES; seed++) {
      ObjectNode body = new Any(new Random(seed)).definition();
      List<Problem> problems = reader.problems(body);

      if (problems.isEmpty()) {
        assertSound(reader.stored(reader.create(body).document("a")));
      } else {
        assertThatExceptionOfType(Failure.class)
            .as("seed %d", seed)
            .isThrownBy(() -> reader.create(body))
            .satisfies(failure -> assertThat(failure.problems()).isEqualTo(problems));
      }
    }
  }

  @Test
  void a_stored_definition_always_reads() {
    for (int seed = 0; seed < TRIES; seed++) {
      assertSound(reader.stored(new Any(new Random(seed)).definition()));
    }
  }

  @Test
  void many_of_the_definitions_tried_are_right_and_many_are_not() {
    long right =
        new Random(0)
            .longs(1_000)
            .filter(s -> reader.problems(new Any(new Random(s)).definition()).isEmpty())
            .count();

    assertThat(right).isBetween(50L, 950L);
  }

  private static void assertSound(Definition definition) {
    List<Action> all = definition.allActions();
    assertThat(all).extracting(Action::path).doesNotHaveDuplicates();
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).index()).isEqualTo(i);
    }
  }

  /** Makes JSON: mostly what belongs in its place, now and then anything. */
  private record Any(Random random) {
    ObjectNode definition() {
      ObjectNode body = Json.object();
      put(body, "key", NODES.textNode("a"));
      put(body, "name", NODES.textNode("A"));
      put(body, "enabled", NODES.booleanNode(true));
      put(body, "actions", actions(1));
      return random.nextInt(20) == 0 ? body.set(member(), anything(2)) : body;
    }

    private ArrayNode actions(int nesting) {
      ArrayNode actions = Json.array();
      int count = random.nextInt(4);
      for (int i = 0; i < count; i++) {
        actions.add(action(nesting));
      }
      return actions;
    }

    private ObjectNode action(int nesting) {
      ObjectNode action = Json.object();
      boolean branches = nesting < 4 && random.nextInt(3) == 0;
      put(action, "type", NODES.textNode(branches ? "condition" : "wait"));
      if (branches) {
        put(action, "then", actions(nesting + 1));
        put(action, "else", actions(nesting + 1));
      }
      if (random.nextInt(4) == 0) {
        put(action, "name", NODES.textNode("n" + random.nextInt(100)));
      }
      if (random.nextInt(4) == 0) {
        put(action, "timeout", NODES.numberNode(random.nextInt(1, 1000)));
      }
      return random.nextInt(20) == 0 ? action.set(member(), anything(2)) : action;
    }

    private void put(ObjectNode object, String name, JsonNode value) {
      object.set(name, random.nextInt(60) == 0 ? anything(2) : value);
    }

    private String member() {
      return MEMBERS.get(random.nextInt(MEMBERS.size()));
    }

    private JsonNode anything(int depth) {
      return switch (random.nextInt(depth > 0 ? 10 : 8)) {
        case 0 -> NODES.nullNode();
        case 1 -> NODES.booleanNode(random.nextBoolean());
        case 2 -> NODES.numberNode(random.nextLong());
        case 3 -> NODES.numberNode(new BigDecimal("1E+300"));
        case 4 -> NODES.numberNode(BigInteger.TWO.pow(200));
        case 5, 6, 7 -> NODES.textNode(TEXTS.get(random.nextInt(TEXTS.size())));
        case 8 -> Json.array().add(anything(depth - 1)).add(anything(depth - 1));
        default ->
            Json.object()
                .<ObjectNode>set(member(), anything(depth - 1))
                .set(member(), anything(depth - 1));
      };
    }
  }
}
