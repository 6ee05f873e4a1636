package io.stepwell.execution;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestExecution.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which steps of an execution run, and what its progress says. */
@QuarkusTest
class StepsTest {
  private static final String BRANCHES =
      """
      {'name': 'outer', 'type': 'condition', 'config': {'expression': 'trigger.outer'},
       'then': [
         {'name': 'inner', 'type': 'condition', 'config': {'expression': 'trigger.inner'},
          'then': [{'name': 'both', 'type': 'custom_action', 'config': {'fail': 'never'}}],
          'else': [{'name': 'one', 'type': 'custom_action', 'config': {'fail': 'never'}}]},
         {'name': 'after_inner', 'type': 'custom_action', 'config': {'fail': 'never'}}],
       'else': [{'name': 'none', 'type': 'custom_action', 'config': {'fail': 'never'}}]},
      {'name': 'last', 'type': 'custom_action', 'config': {'fail': 'never'}}\
      """;

  private static TestWorkspace own;

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private static JsonNode run(String actions) {
    return TestWorkflow.of(own, actions).run();
  }

  private static String action(String name) {
    return "{'name': '" + name + "', 'type': 'custom_action', 'config': {'fail': 'never'}}";
  }

  private static String gate(String name, boolean opens) {
    return "{'name': '%s', 'type': 'condition', 'config': {'expression': '%s'}}"
        .formatted(name, opens);
  }

  private static void assertProgress(
      JsonNode execution, int total, int successful, int failed, int skipped, int percentage) {
    JsonNode expected =
        Json.object()
            .put("totalSteps", total)
            .put("completedSteps", successful + failed + skipped)
            .put("successfulSteps", successful)
            .put("failedSteps", failed)
            .put("skippedSteps", skipped)
            .put("runningSteps", 0)
            .put("percentage", percentage);
    assertThat(execution.path("progress")).isEqualTo(expected);
  }

  private static String status(JsonNode execution) {
    return execution.path("status").textValue();
  }

  @Test
  void an_execution_of_no_actions_is_completed_at_once() {
    JsonNode execution = run("");
    assertThat(status(execution)).isEqualTo("COMPLETED");
    assertThat(steps(execution)).isEmpty();
    assertProgress(execution, 0, 0, 0, 0, 100);
  }

  @Test
  void steps_run_in_order() {
    JsonNode execution = run(action("a") + "," + action("b") + "," + action("c"));
    assertThat(statuses(execution))
        .containsExactly(entry("a", "COMPLETED"), entry("b", "COMPLETED"), entry("c", "COMPLETED"));
    assertThat(steps(execution).stream().map(s -> s.path("startedAt").textValue()).toList())
        .isSorted();
    assertThat(output(execution, "c").path("previousSteps").intValue()).isEqualTo(2);
    assertProgress(execution, 3, 3, 0, 0, 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "trigger.missing", "1", "'true'", "null", "trigger.no = 1"})
  void a_step_whose_when_is_not_true_is_skipped(String when) {
    JsonNode execution =
        run(
            "{'name': 'a', 'type': 'custom_action', 'config': {'fail': 'always'}, 'when': \"%s\"}"
                    .formatted(when.replace("'", "\\\""))
                + ","
                + action("b"));
    assertThat(status(execution)).isEqualTo("COMPLETED");
    JsonNode skipped = step(execution, "a");
    assertThat(skipped.path("status").textValue()).isEqualTo("SKIPPED");
    assertThat(skipped.path("attempts").intValue()).isZero();
    assertThat(skipped.get("output").isNull()).isTrue();
    assertThat(output(execution, "b").path("previousSteps").intValue()).isZero();
    assertProgress(execution, 2, 1, 0, 1, 100);
  }

  @Test
  void a_step_whose_when_is_true_runs() {
    TestWorkflow workflow =
        TestWorkflow.of(
            own,
            """
            {'name': 'a', 'type': 'custom_action', 'config': {'fail': 'never'},
             'when': 'trigger.n > 1'}\
            """);
    assertThat(statuses(workflow.run("{'n': 2}"))).containsEntry("a", "COMPLETED");
    assertThat(statuses(workflow.run("{'n': 1}"))).containsEntry("a", "SKIPPED");
  }

  @ParameterizedTest
  @CsvSource({
    "true,  true,  'outer,inner,both,after_inner,last', 'one,none'",
    "true,  false, 'outer,inner,one,after_inner,last',  'both,none'",
    "false, true,  'outer,none,last',                   'inner,both,one,after_inner'",
  })
  void the_branch_that_a_condition_chooses_runs_and_the_other_is_skipped(
      boolean outer, boolean inner, String ran, String skipped) {
    JsonNode execution =
        TestWorkflow.of(own, BRANCHES).run("{'outer': %s, 'inner': %s}".formatted(outer, inner));

    assertThat(status(execution)).isEqualTo("COMPLETED");
    Map<String, String> statuses = statuses(execution);
    assertThat(statuses).hasSize(7);
    assertThat(List.of(ran.split(",")))
        .allSatisfy(name -> assertThat(statuses).containsEntry(name, "COMPLETED"));
    assertThat(List.of(skipped.split(",")))
        .allSatisfy(name -> assertThat(statuses).containsEntry(name, "SKIPPED"));
    assertThat(execution.at("/progress/percentage").intValue()).isEqualTo(100);
  }

  @Test
  void a_path_places_a_step_in_nested_lists() {
    JsonNode execution = TestWorkflow.of(own, BRANCHES).run("{'outer': true, 'inner': true}");
    assertThat(steps(execution).stream().map(s -> s.path("path").textValue()))
        .containsExactly(
            "0", "0.then.0", "0.then.0.then.0", "0.then.0.else.0", "0.then.1", "0.else.0", "1");
    assertThat(steps(execution).stream().map(s -> s.path("index").intValue()))
        .containsExactly(0, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void a_condition_that_is_skipped_skips_both_its_branches() {
    JsonNode execution =
        run(
            """
            {'name': 'c', 'type': 'condition', 'when': 'false', 'config': {'expression': 'true'},
             'then': [%s], 'else': [%s]}, %s\
            """
                .formatted(action("a"), action("b"), action("last")));
    assertThat(statuses(execution).values())
        .containsExactly("SKIPPED", "SKIPPED", "SKIPPED", "COMPLETED");
    assertProgress(execution, 4, 1, 0, 3, 100);
  }

  @Test
  void a_closed_gate_skips_the_rest_and_completes() {
    JsonNode execution =
        run(action("a") + "," + gate("g", false) + "," + action("b") + "," + BRANCHES);
    assertThat(status(execution)).isEqualTo("COMPLETED");
    assertThat(statuses(execution).values())
        .containsExactly(
            "COMPLETED",
            "COMPLETED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED",
            "SKIPPED");
    assertThat(output(execution, "g")).isEqualTo(Json.read("{\"result\": false}"));
    assertProgress(execution, 10, 2, 0, 8, 100);
  }

  @Test
  void an_open_gate_lets_the_rest_run() {
    JsonNode execution = run(gate("g", true) + "," + action("a"));
    assertThat(statuses(execution)).containsEntry("a", "COMPLETED");
    assertProgress(execution, 2, 2, 0, 0, 100);
  }

  @Test
  void a_closed_gate_in_a_branch_skips_the_rest_of_that_branch() {
    JsonNode execution =
        run(
            """
            {'name': 'c', 'type': 'condition', 'config': {'expression': 'true'},
             'then': [%s, %s]}, %s\
            """
                .formatted(gate("g", false), action("a"), action("last")));
    assertThat(status(execution)).isEqualTo("COMPLETED");
    assertThat(statuses(execution))
        .containsExactly(
            entry("c", "COMPLETED"),
            entry("g", "COMPLETED"),
            entry("a", "SKIPPED"),
            entry("last", "COMPLETED"));
    assertProgress(execution, 4, 3, 0, 1, 100);
  }

  @Test
  void a_wait_lasts_at_least_its_time_and_says_so() {
    JsonNode execution = run("{'name': 'w', 'type': 'wait', 'config': {'durationMs': 300}}");
    JsonNode wait = step(execution, "w");
    assertThat(wait.path("output")).isEqualTo(Json.read("{\"waitedMs\": 300}"));
    assertThat(wait.path("durationMs").longValue()).isBetween(300L, 30_000L);
    assertThat(wait.path("attempts").intValue()).isEqualTo(1);
  }

  @Test
  void a_wait_until_a_time_ends_no_earlier() {
    Instant until = Instant.now().plusMillis(400);
    JsonNode execution = run("{'name': 'w', 'type': 'wait', 'config': {'until': '" + until + "'}}");
    Instant finished = Instant.parse(step(execution, "w").path("finishedAt").textValue());
    assertThat(finished).isBetween(until.minusMillis(1), until.plusSeconds(30));
  }

  @Test
  void a_wait_of_nothing_is_over() {
    JsonNode execution =
        run(
            """
            {'name': 'a', 'type': 'wait', 'config': {'durationMs': 0}},
            {'name': 'b', 'type': 'wait', 'config': {'until': '2001-01-01T00:00:00Z'}}\
            """);
    assertThat(statuses(execution).values()).containsExactly("COMPLETED", "COMPLETED");
  }

  @Test
  void a_running_execution_stays_on_its_version() {
    try (StubServer stub = StubServer.holding()) {
      TestWorkflow workflow =
          TestWorkflow.of(
              own,
              "{'name': 'call', 'type': 'call_api', 'config': {'url': '%s'}}, "
                      .formatted(stub.url())
                  + action("old"));
      TestExecution running = workflow.start();
      running.awaitStep("call", "RUNNING");
      workflow.replace("'actions': [" + action("new") + "]");
      stub.release();

      JsonNode execution = running.awaitEnd();
      assertThat(execution.path("workflowVersion").intValue()).isEqualTo(1);
      assertThat(statuses(execution)).containsEntry("old", "COMPLETED").doesNotContainKey("new");
      JsonNode next = workflow.run();
      assertThat(next.path("workflowVersion").intValue()).isEqualTo(2);
      assertThat(statuses(next)).containsOnlyKeys("new");
    }
  }

  @Test
  void an_execution_of_many_steps_ends() {
    StringBuilder actions = new StringBuilder(gate("g", true));
    for (int i = 0; i < 200; i++) {
      actions.append(",{'type': 'condition', 'config': {'expression': 'true'}}");
    }
    assertProgress(run(actions.toString()), 201, 201, 0, 0, 100);
  }
}
