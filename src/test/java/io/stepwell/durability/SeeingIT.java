package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.executionPath;
import static io.stepwell.durability.Replicas.outcome;
import static io.stepwell.durability.Replicas.path;
import static io.stepwell.durability.Replicas.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.durability.EffectSink.Call;
import io.stepwell.durability.SpanCollector.Span;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What two replicas show of executions that fail, wait and outlive one of them. */
class SeeingIT {
  private static final String CANARY = "canary-7f3a";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final SpanCollector collector = SpanCollector.open();

  @RegisterExtension
  static final Replicas replicas =
      Replicas.with(
          Map.of(
              "QUARKUS_OTEL_SDK_DISABLED", "false",
              "QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(),
              "QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "200ms",
              "QUARKUS_LOG_CATEGORY__IO_STEPWELL__LEVEL", "DEBUG",
              "STEPWELL_SECRETS_KEY", "c3RlcHdlbGwtZGV2ZWxvcG1lbnQta2V5LTMyLWJ5dGU=",
              "STEPWELL_LOG_FORMAT", "json"));

  private static String id = "";
  private static String cancelled = "";
  private static String metrics = "";

  @BeforeAll
  static void an_execution_outlives_the_replica_that_began_it() {
    EffectSink sink = replicas.sink();
    sink.refuse("/refused", 1);
    replicas
        .b()
        .put("/api/workspaces/durable/secrets/token", Json.object().put("value", CANARY))
        .expect(201);
    String workflow =
        replicas.workflow(
            call("before"),
            call("refused").put("onError", "continue"),
            Replicas.waiting("pause", Duration.ofSeconds(5)),
            call("after"));
    ObjectNode body = Json.object();
    body.putObject("triggerData").put("data", CANARY);
    replicas.b().freeze();
    id =
        replicas
            .a()
            .post(
                path("/" + workflow + "/execute?q=" + CANARY),
                body,
                "traceparent",
                "00-" + TRACE + "-" + CALLER + "-01")
            .expect(202)
            .path("id")
            .asText();
    eventually("the wait")
        .until(() -> outcome(view(replicas.a(), id), "pause").equals("RUNNING 1"));
    eventually("what it exports").until(() -> named("run execution").size() == 1);
    replicas.b().thaw();
    replicas.a().kill();
    Replicas.await(replicas.b(), id, "COMPLETED");

    sink.hold("/held");
    cancelled = Replicas.execute(replicas.b(), replicas.workflow(replicas.call("held", "/held")));
    eventually("a call").until(() -> !sink.calls(cancelled, "held").isEmpty());
    replicas.b().post(executionPath(cancelled), Json.object()).expect(200);
    replicas.b().get(executionPath(cancelled) + "/stream?ticket=" + CANARY);
    eventually("the end of the rest")
        .until(() -> replicas.b().metric("stepwell_leases_lost_total") >= 1);
    eventually("what is exported").until(() -> named("run execution").size() == 2);
    metrics = replicas.b().get("/q/metrics").body().path("text").asText();
  }

  private static ObjectNode call(String name) {
    ObjectNode action = replicas.call(name, "/" + name);
    ObjectNode config = (ObjectNode) action.path("config");
    config.putObject("headers").put("X-Token", "{{ secrets.token }}").put("X-Canary", CANARY);
    config.putObject("body").put("data", "{{ trigger.data }}");
    return action;
  }

  @AfterAll
  static void close() {
    collector.close();
  }

  private static List<Span> named(String name) {
    return collector.trace(TRACE).stream().filter(span -> span.name().equals(name)).toList();
  }

  @Test
  void one_trace_goes_from_the_caller_over_the_wait_to_the_other_replica() {
    Span accepted =
        collector.trace(TRACE).stream()
            .filter(span -> span.parent().equals(CALLER))
            .findFirst()
            .orElseThrow();
    List<Span> runs = named("run execution");

    assertThat(accepted.name()).startsWith("POST /api/workspaces/{slug}/workflows/{id}/execute");
    assertThat(runs)
        .allSatisfy(run -> {
          assertThat(run.parent()).isEqualTo(accepted.id());
          assertThat(run.attributes()).containsEntry("stepwell.execution.id", id);
        })
        .extracting(Span::replica)
        .doesNotHaveDuplicates()
        .hasSize(2);
    assertThat(named("attempt call_api"))
        .hasSize(3)
        .allSatisfy(attempt -> assertThat(runs).extracting(Span::id).contains(attempt.parent()));
  }

  @Test
  void what_a_step_calls_is_told_of_its_attempt() {
    for (String step : List.of("before", "refused", "after")) {
      Span attempt =
          named("attempt call_api").stream()
              .filter(span -> step.equals(span.attributes().get("stepwell.step.name")))
              .findFirst()
              .orElseThrow();
      assertThat(replicas.sink().calls(id, step))
          .extracting(Call::traceParent)
          .containsExactly(attempt.traceParent());
      assertThat(attempt.failed()).isEqualTo(step.equals("refused"));
    }
  }

  @Test
  void every_line_of_the_log_is_json_and_names_the_execution_that_it_is_about() throws IOException {
    assertThat(lines()).hasSizeGreaterThan(10);
    assertThat(lines())
        .filteredOn(line -> line.path("message").asText().endsWith("is no longer ours"))
        .isNotEmpty()
        .allSatisfy(line -> {
          assertThat(line.path("executionId").asText()).isEqualTo(cancelled);
          assertThat(line.path("workspaceId").asText()).hasSize(36);
          assertThat(line.path("traceId").asText()).hasSize(32);
        });
  }

  @Test
  void nothing_that_users_store_is_in_log_trace_or_metrics() throws IOException {
    assertThat(replicas.sink().calls(id, "after").getFirst().body()).contains(CANARY);
    assertThat(lines())
        .filteredOn(line -> !List.of("DEBUG", "TRACE").contains(line.path("level").asText()))
        .allSatisfy(line -> assertThat(line.toString()).doesNotContain(CANARY));
    assertThat(collector.everything()).contains(id).doesNotContain(CANARY);
    assertThat(metrics).contains("stepwell_").doesNotContain(CANARY).doesNotContain(id);
  }

  private static List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (int replica = 0; replica < 2; replica++) {
      Path log = Path.of("target", "durability", "SeeingIT-" + replica + ".log");
      Files.readAllLines(log).stream().map(Json::read).forEach(lines::add);
    }
    return lines;
  }
}
