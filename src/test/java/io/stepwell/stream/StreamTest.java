package io.stepwell.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import io.stepwell.stream.EventStream.Event;
import io.stepwell.stream.EventStream.Open;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class StreamTest {
  private static final String GOOD =
      "{'name': 'good', 'type': 'custom_action', 'config': {'fail': 'never'}}";

  private static final String WAIT = "{'name': 'w', 'type': 'wait', 'config': {'durationMs': %d}}";

  private static TestWorkspace own;

  @TestHTTPResource URI base;

  private EventStream streams;

  @BeforeEach
  void createWorkspace() {
    streams = new EventStream(base);
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  @AfterEach
  void closeStreams() {
    streams.close();
  }

  private static String wait(int millis) {
    return WAIT.formatted(millis);
  }

  private static String call(StubServer stub) {
    return "{'name': 'call', 'type': 'call_api', 'config': {'url': '" + stub.url() + "'}}";
  }

  private static TestExecution finished(String actions) {
    return new TestExecution(own, TestWorkflow.of(own, actions).run().path("id").textValue());
  }

  private static TestExecution waiting() {
    TestExecution execution = TestWorkflow.of(own, wait(60_000)).start();
    execution.awaitStep("w", "RUNNING");
    return execution;
  }

  private static List<String> names(List<Event> events) {
    return events.stream().map(Event::name).toList();
  }

  private static List<String> ids(List<Event> events) {
    return events.stream().map(Event::id).toList();
  }

  private static List<Event> only(List<Event> events, String name) {
    return events.stream().filter(event -> event.name().equals(name)).toList();
  }

  @Test
  void a_stream_tells_what_happens_in_order_and_ends() {
    TestExecution execution;
    List<Event> events = new ArrayList<>();
    try (StubServer stub = StubServer.holding()) {
      execution =
          TestWorkflow.of(own, call(stub) + "," + GOOD + "," + GOOD.replace("good", "end")).start();
      try (Open stream = streams.open(execution)) {
        events.add(stream.await("connected"));
        events.add(stream.await("step"));
        stub.release();
        events.addAll(stream.rest());
      }
    }
    JsonNode end = execution.get();

    assertThat(names(events)).startsWith("connected").endsWith("progress", "complete");
    assertThat(events.getFirst().data().properties().stream().map(member -> member.getKey()))
        .containsExactly("executionId", "status", "progress");
    assertThat(events.getFirst().data().path("executionId").textValue()).isEqualTo(execution.id());
    List<Event> steps = only(events, "step");
    assertThat(steps.stream().map(event -> event.data().path("name").textValue() + event.status()))
        .containsSubsequence("callRUNNING", "callCOMPLETED", "goodCOMPLETED", "endCOMPLETED");
    for (JsonNode step : end.path("steps")) {
      assertThat(steps.stream().map(Event::data)).contains(step);
    }
    for (int i = 0; i < events.size() - 1; i++) {
      if (events.get(i).name().equals("step") && !events.get(i).status().equals("RUNNING")) {
        assertThat(events.get(i + 1).name()).isEqualTo("progress");
      }
    }
    List<Integer> percentages =
        only(events, "progress").stream()
            .map(event -> event.data().path("percentage").intValue())
            .toList();
    assertThat(percentages).containsExactly(33, 66, 100);
    assertThat(events.getLast().data())
        .isEqualTo(
            Json.object()
                .put("executionId", execution.id())
                .put("status", "COMPLETED")
                .<ObjectNode>set("progress", end.path("progress"))
                .<ObjectNode>set("timing", end.path("timing"))
                .putNull("error"));
    assertThat(new HashSet<>(ids(events))).hasSameSizeAs(events);
  }

  @Test
  void the_complete_event_of_a_failed_execution_has_its_error() {
    TestExecution execution = finished(GOOD.replace("never", "always"));
    try (Open stream = streams.open(execution)) {
      Event complete = stream.await("complete");
      assertThat(complete.status()).isEqualTo("FAILED");
      assertThat(complete.data().path("error")).isEqualTo(execution.get().path("error"));
    }
  }

  @Test
  void a_finished_execution_is_told_in_short() {
    TestExecution execution =
        finished(
            GOOD
                + ","
                + wait(0)
                + ", {'type': 'wait', 'when': 'false',"
                + " 'config': {'durationMs': 1}}");
    try (Open stream = streams.open(execution)) {
      List<Event> events = stream.rest();
      assertThat(names(events))
          .containsExactly("connected", "step", "step", "step", "progress", "complete");
      JsonNode end = execution.get();
      assertThat(only(events, "step").stream().map(Event::data))
          .containsExactlyElementsOf(
              StreamSupport.stream(end.path("steps").spliterator(), false).toList());
      assertThat(events.get(4).data()).isEqualTo(end.path("progress"));
      assertThat(events.getFirst().status()).isEqualTo("COMPLETED");
    }
  }

  @Test
  void a_late_client_gets_the_steps_so_far_and_then_the_rest() {
    try (StubServer stub = StubServer.holding()) {
      TestExecution execution =
          TestWorkflow.of(own, GOOD + "," + call(stub) + "," + GOOD.replace("good", "end")).start();
      execution.awaitStep("call", "RUNNING");
      try (Open stream = streams.open(execution)) {
        assertThat(stream.await("connected").status()).isEqualTo("RUNNING");
        Event first = stream.await("step");
        assertThat(first.data().path("name").textValue()).isEqualTo("good");
        assertThat(first.status()).isEqualTo("COMPLETED");
        assertThat(stream.await("step").status()).isEqualTo("RUNNING");
        assertThat(stream.await("progress").data().path("percentage").intValue()).isEqualTo(33);
        stub.release();
        List<Event> rest = stream.rest();
        assertThat(
                only(rest, "step").stream()
                    .map(event -> event.data().path("name").textValue() + " " + event.status()))
            .containsSubsequence("call COMPLETED", "end COMPLETED");
        assertThat(names(rest)).endsWith("progress", "complete");
      }
    }
  }

  @Test
  void a_cancel_is_told_at_once() {
    TestExecution execution = waiting();
    try (Open stream = streams.open(execution)) {
      stream.await("step");
      execution.cancel().then().statusCode(200);
      long told = System.nanoTime();
      assertThat(stream.await("step").status()).isEqualTo("CANCELLED");
      assertThat(stream.await("complete").status()).isEqualTo("CANCELLED");
      assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(20));
      assertThat(stream.next()).isNull();
    }
  }

  @Test
  void a_stream_begins_with_its_reconnection_time_and_is_not_cached() {
    try (Open stream = streams.open(finished(GOOD))) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("Content-Type")).startsWith("text/event-stream");
      assertThat(stream.header("Cache-Control")).isEqualTo("no-store");
      assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");
      Event first = stream.next();
      assertThat(first).isNotNull();
      assertThat(first.fields()).containsEntry("retry", "2000").doesNotContainKey("event");
      assertThat(stream.next().fields()).containsOnlyKeys("event", "id", "data");
    }
  }

  @Test
  void a_stream_in_which_nothing_happens_is_kept_alive_by_comments_without_id() {
    TestExecution execution = waiting();
    try (Open stream = streams.open(execution)) {
      stream.await("step");
      for (int i = 0; i < 3; i++) {
        Event heartbeat = stream.next();
        assertThat(heartbeat.fields()).containsOnlyKeys("");
        assertThat(heartbeat.comment()).isEqualTo("heartbeat");
      }
      execution.cancel();
      assertThat(stream.await("complete").status()).isEqualTo("CANCELLED");
    }
  }

  @Test
  void a_large_output_is_left_out() {
    String large = "x".repeat(70_000);
    try (StubServer stub =
        StubServer.answering(request ->
            Answer.json(
                "{'text': '" + (request.path().equals("/large") ? large : "small") + "'}"))) {
      TestExecution execution =
          finished(
              "{'name': 'large', 'type': 'call_api', 'config': {'url': '%1$slarge'}},"
                      .formatted(stub.url())
                  + "{'name': 'small', 'type': 'call_api', 'config': {'url': '%1$ssmall'}}"
                      .formatted(stub.url()));
      assertThat(execution.get().at("/steps/0/output/body/text").textValue()).hasSize(70_000);
      try (Open stream = streams.open(execution)) {
        JsonNode truncated = stream.await("step").data();
        assertThat(truncated.path("name").textValue()).isEqualTo("large");
        assertThat(truncated.get("output").isNull()).isTrue();
        assertThat(truncated.path("outputTruncated").booleanValue()).isTrue();
        JsonNode whole = stream.await("step").data();
        assertThat(whole.at("/output/body/text").textValue()).isEqualTo("small");
        assertThat(whole.has("outputTruncated")).isFalse();
      }
    }
  }

  @Test
  void without_a_key_there_is_no_stream() {
    assertThat(streams.open(finished("").path("/stream")).status()).isEqualTo(401);
  }

  @Test
  void another_workspace_s_stream_is_not_there() {
    TestExecution foreign = new TestExecution(TestWorkspace.create(), finished("").id());
    assertThat(streams.open(foreign).status()).isEqualTo(404);
  }
}
