package io.stepwell.action;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.hasItems;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import org.junit.jupiter.api.Test;

/** What {@code com.example}, written as a user would, adds to the service. */
@QuarkusTest
class CustomActionTest {

  @Test
  void a_handler_in_any_package_is_found_with_a_scope_or_without() {
    TestWorkspace workspace = TestWorkspace.create();
    as(workspace.key("viewer"))
        .get(workspace.path("/action-types?limit=100"))
        .then()
        .statusCode(200)
        .body("actionTypes.type", hasItems("custom_action", "scopeless_action"));
  }

  @Test
  void its_steps_run_and_later_ones_see_their_output() {
    JsonNode execution =
        TestWorkflow.of(
                TestWorkspace.create(),
                """
                {'name': 'first', 'type': 'custom_action', 'config': {'fail': 'once'},
                 'onError': 'retry', 'retry': {'maxRetries': 1, 'delayMs': 1}},
                {'name': 'second', 'type': 'scopeless_action'},
                {'name': 'third', 'type': 'custom_action',
                 'config': {'fail': '{{ trigger.fail }}'}}\
                """)
            .run("{'fail': 'never'}");

    assertThat(statuses(execution).values()).containsExactly("COMPLETED", "COMPLETED", "COMPLETED");
    assertThat(output(execution, "first").path("attempt").intValue()).isEqualTo(2);
    assertThat(output(execution, "third").at("/triggerData/fail").textValue()).isEqualTo("never");
    assertThat(output(execution, "third").path("previousSteps").intValue()).isEqualTo(2);
  }
}
