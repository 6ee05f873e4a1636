package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionResult;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Room;
import io.stepwell.kernel.TraceParent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

class TracingTest {
  private static final UUID WORKSPACE = UUID.randomUUID();
  private static final UUID EXECUTION = UUID.randomUUID();
  private static final TraceParent TRACE = TraceParent.ofExecution(EXECUTION);

  private final Tracing tracing = new Tracing(OpenTelemetry.noop(), true);

  @Test
  void an_attempt_on_another_thread_is_on_its_log_lines_and_leaves_nothing_there()
      throws Exception {
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      List<Object> seen = pool.submit(this::idsInAttempt).get();
      List<Object> left = pool.submit(TracingTest::ids).get();

      assertThat(seen).containsExactly(WORKSPACE.toString(), EXECUTION.toString(), TRACE.traceId());
      assertThat(left).containsOnlyNulls();
    }
  }

  @Test
  void without_an_exporter_the_place_in_the_trace_is_passed_on_as_it_is() throws Exception {
    List<TraceParent> seen = new ArrayList<>();
    tracing.attempt(
        "call_api",
        context(),
        attempt -> {
          seen.add(attempt.trace());
          return ActionResult.success(Json.object());
        });

    assertThat(seen).containsExactly(TRACE);
  }

  private List<Object> idsInAttempt() throws InterruptedException {
    List<Object> seen = new ArrayList<>();
    tracing.attempt(
        "call_api",
        context(),
        attempt -> {
          seen.addAll(ids());
          return ActionResult.success(Json.object());
        });
    return seen;
  }

  private static List<Object> ids() {
    return Arrays.asList(MDC.get("workspaceId"), MDC.get("executionId"), MDC.get("traceId"));
  }

  private static ActionContext context() {
    return new ActionContext(
        WORKSPACE,
        UUID.randomUUID(),
        EXECUTION,
        "0",
        "call",
        1,
        Json.object(),
        List.of(),
        "user",
        Json.object(),
        TRACE,
        Room.UNBOUNDED);
  }
}
