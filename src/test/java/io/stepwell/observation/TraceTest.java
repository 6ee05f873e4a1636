package io.stepwell.observation;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Where no traces are exported, what steps call still learns which trace it belongs to. */
@QuarkusTest
class TraceTest {
  private static final String CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

  private static final String CALL =
      """
      {'name': '%s', 'type': 'call_api', 'onError': 'retry', 'config': {'url': '%s'},
       'retry': {'maxRetries': 1, 'delayMs': 1, 'factor': 1, 'jitter': false}}
      """;

  @Test
  void all_attempts_of_all_steps_go_on_with_the_trace_of_the_caller() {
    try (StubServer server = failingAtFirst()) {
      TestWorkflow workflow = workflow(server);
      workflow
          .operator()
          .header("traceparent", CALLER)
          .header("Prefer", "wait=60")
          .post(workflow.path("/execute"))
          .then()
          .statusCode(200);

      assertThat(headers(server)).hasSize(3).containsOnly(CALLER);
    }
  }

  @Test
  void without_one_an_execution_has_a_trace_of_its_own_and_so_has_its_rerun() {
    try (StubServer server = failingAtFirst()) {
      TestExecution execution = workflow(server).start();
      execution.awaitEnd();
      List<String> first = headers(server);
      assertThat(first)
          .hasSize(3)
          .allSatisfy(header ->
              assertThat(header).startsWith("00-" + execution.id().replace("-", "") + "-"))
          .allSatisfy(header -> assertThat(header).isEqualTo(first.getFirst()));

      String rerun = execution.post("/rerun").then().statusCode(202).extract().path("id");
      new TestExecution(execution.workspace(), rerun).awaitEnd();
      assertThat(headers(server).getLast()).startsWith("00-" + rerun.replace("-", "") + "-");
    }
  }

  @Test
  void a_header_that_is_no_traceparent_is_passed_over() {
    try (StubServer server = failingAtFirst()) {
      TestWorkflow workflow = workflow(server);
      String id =
          workflow
              .operator()
              .header("traceparent", "00-nonsense")
              .header("Prefer", "wait=60")
              .post(workflow.path("/execute"))
              .then()
              .statusCode(200)
              .extract()
              .path("id");

      assertThat(headers(server))
          .allSatisfy(header -> assertThat(header).startsWith("00-" + id.replace("-", "")));
    }
  }

  private static StubServer failingAtFirst() {
    AtomicBoolean failed = new AtomicBoolean();
    return StubServer.answering(request -> Answer.status(failed.getAndSet(true) ? 204 : 503));
  }

  private static TestWorkflow workflow(StubServer server) {
    return TestWorkflow.of(
        TestWorkspace.create(),
        CALL.formatted("one", server.url()) + "," + CALL.formatted("two", server.url()));
  }

  private static List<String> headers(StubServer server) {
    return server.requests().stream().map(request -> request.headers().get("traceparent")).toList();
  }
}
