package io.stepwell.expression;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the library does by reflection or with resources, in a whole service. */
@QuarkusTest
class ServedExpressionsTest {
  private static TestWorkspace own;

  /** Sends what the expression gives, and reads what arrived. */
  private static String evaluate(String expression) {
    if (own == null) {
      own = TestWorkspace.create();
    }
    ObjectNode action = Json.object().put("type", "send_notification");
    action
        .putObject("config")
        .put("recipient", "ann")
        .put("message", "{{ $string(" + expression + ") }}");
    JsonNode execution =
        TestWorkflow.of(own, action.toString()).run("{'name': 'Ada', 'n': [3, 1]}");
    assertThat(execution.path("status").textValue()).as("%s", execution).isEqualTo("COMPLETED");
    return as(own.key("viewer"))
        .get(own.path("/notifications?limit=1"))
        .path("notifications[0].message");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '`',
      value = {
        "$uppercase(trigger.name)                              § ADA",
        "trigger.missing ?? \"x\"                              § x",
        "trigger.n[5] ?: $sum(trigger.n)                       § 4",
        "{trigger.name: trigger.n}.Ada[0] ?? 1                 § 3",
        "$join($map(trigger.n, function($x) {$string($x * 2)}), \"-\") § 6-2",
        "$sort(trigger.n)                                      § [1,3]",
        "$replace(\"a1b1\", \"1\", \"_\")                       § a_b_",
        "$formatNumber(1234.5, \"#,##0.00\")                   § 1,234.50",
        "$fromMillis(0, \"[FNn], [D1o] [MNn] [Y]\", \"+0100\") § Thursday, 1st January 1970",
        "$toMillis(\"2026-11-22T00:00:00Z\")                   § 1795305600000",
        "$formatInteger(14, \"I\")                             § XIV",
        "$base64encode(\"ü\")                                  § w7w=",
      })
  void it_is_worth(String expression, String worth) {
    assertThat(evaluate(expression)).isEqualTo(worth);
  }

  @Test
  void an_expression_that_fails_says_why() {
    JsonNode execution =
        TestWorkflow.of(
                TestWorkspace.create(),
                "{'type': 'create_task', 'config': {'title': '{{ $number(trigger.name) }}'}}")
            .run("{'name': 'Ada'}");

    assertThat(execution.at("/error/message").textValue()).contains("wrong kind");
  }
}
