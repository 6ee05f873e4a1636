package io.stepwell.engine;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What executions hold in memory is bounded, however much their steps give. */
@QuarkusTest
@TestProfile(LargeOutputsTest.SmallMemory.class)
class LargeOutputsTest {
  private static final int LENGTH = 1_000_000;
  private static final String FILLER = "x".repeat(LENGTH);
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Enough for four of the outputs here, and for recording one of them. */
  public static class SmallMemory implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "stepwell.engine.memory", "16M",
          "stepwell.limits.execution-bytes", "5M");
    }
  }

  private static TestWorkspace own;

  @Inject Memory memory;

  private final List<Long> heldDuringCalls = new CopyOnWriteArrayList<>();
  private StubServer stub;

  @BeforeEach
  void startStub() {
    if (own == null) {
      own = TestWorkspace.create();
    }
    stub =
        StubServer.answering(request -> {
          heldDuringCalls.add(memory.held());
          return Answer.json(
              request.path().contains("/small")
                  ? "{'n': 1}"
                  : "{'n': 1, 'filler': '" + FILLER + "'}");
        });
  }

  @AfterEach
  void everythingIsReleased() {
    stub.close();
    await().atMost(SOON).until(() -> memory.held() == 0);
  }

  private String call(String name, String path, String rest) {
    return "{'name': '%s', 'type': 'call_api', 'config': {'url': '%s%s', 'maxResponseBytes': 4000000%s}}"
        .formatted(name, stub.url(), path, rest);
  }

  private String large(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> call("c" + i, "/large", ""))
        .collect(Collectors.joining(","));
  }

  @Test
  void the_step_that_goes_over_the_bound_of_its_execution_fails() {
    JsonNode after = TestWorkflow.of(own, large(8)).run();

    assertThat(after.at("/error/code").textValue()).isEqualTo("execution_too_large");
    assertThat(after.at("/error/step").textValue()).isEqualTo("c5");
    assertThat(step(after, "c5").path("attempts").intValue()).isEqualTo(1);
    assertThat(statuses(after)).containsEntry("c4", "COMPLETED").containsEntry("c6", "PENDING");
  }

  @Test
  void a_step_that_goes_over_the_bound_obeys_what_its_action_says_of_errors() {
    String last = call("last", "/large", "").replace("'config'", "'onError': 'continue', 'config'");
    JsonNode after =
        TestWorkflow.of(own, large(5) + "," + last + "," + call("small", "/small", "")).run();

    assertThat(after.path("status").textValue())
        .as(after.path("error").toString())
        .isEqualTo("COMPLETED");
    assertThat(step(after, "last").at("/error/code").textValue()).isEqualTo("execution_too_large");
    assertThat(output(after, "small").at("/body/n").intValue()).isEqualTo(1);
  }

  @Test
  void large_outputs_are_not_kept_while_the_execution_goes_on() {
    TestWorkflow.of(own, large(5)).run();

    assertThat(heldDuringCalls).hasSize(5).allSatisfy(held -> assertThat(held).isLessThan(100_000));
  }

  @Test
  void what_is_not_kept_is_there_for_an_expression_that_reaches_it() {
    JsonNode after =
        TestWorkflow.of(
                own,
                large(3)
                    + ","
                    + call(
                        "small",
                        "/small?l={{ $length(steps.c1.output.body.filler) }}&n={{ steps.c0.output.body.n }}"
                            + "&all={{ $count(previousStepResults) }}",
                        ""))
            .run();

    assertThat(after.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(stub.requests().getLast().path() + query())
        .contains("l=" + LENGTH)
        .contains("n=1")
        .contains("all=3");
  }

  private String query() {
    return stub.requests().getLast().toString();
  }

  @Test
  void a_step_that_reaches_more_than_there_is_room_for_fails_and_nothing_else_does() {
    JsonNode after =
        TestWorkflow.of(
                own,
                large(5)
                    + ","
                    + call("all", "/small?n={{ $length($string(previousStepResults)) }}", "")
                        .replace("'config'", "'onError': 'continue', 'config'")
                    + ","
                    + call("small", "/small", ""))
            .run();

    assertThat(after.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(after, "all").at("/error/code").textValue()).isEqualTo("expression_error");
    assertThat(step(after, "small").path("status").textValue()).isEqualTo("COMPLETED");
  }

  @Test
  void many_executions_at_once_hold_no_more_than_the_memory_that_they_have() {
    TestWorkflow workflow = TestWorkflow.of(own, large(5));
    List<TestExecution> executions = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      executions.add(workflow.start());
    }
    executions.forEach(execution ->
        assertThat(execution.awaitEnd().path("status").textValue()).isEqualTo("COMPLETED"));

    assertThat(heldDuringCalls)
        .hasSize(80)
        .allSatisfy(held -> assertThat(held).isLessThanOrEqualTo(memory.most()));
  }

  @Test
  void handlers_see_what_is_not_kept() throws SQLException {
    JsonNode after =
        TestWorkflow.of(own, large(2) + ",{'name': 'h', 'type': 'summing', 'config': {}}").run();

    assertThat(output(after, "h").path("lengths").toString())
        .isEqualTo("[" + LENGTH + "," + LENGTH + "]");
  }
}
