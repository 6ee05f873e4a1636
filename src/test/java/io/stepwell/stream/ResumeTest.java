package io.stepwell.stream;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.stream.EventStream.Event;
import io.stepwell.stream.EventStream.Open;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that comes back with the id of the last event that it has seen. */
@QuarkusTest
class ResumeTest {
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
  void an_execution_of_no_steps_is_told_too() {
    TestExecution execution = finished("");
    List<Event> events;
    try (Open stream = streams.open(execution)) {
      events = stream.rest();
    }
    assertThat(names(events)).containsExactly("connected", "progress", "complete");
    assertResumes(execution, events);
  }

  @Test
  void every_event_of_a_recorded_stream_can_be_resumed_after() {
    TestExecution execution =
        TestWorkflow.of(
                own,
                GOOD
                    + ","
                    + wait(300)
                    + ", {'type': 'condition', 'config':"
                    + " {'expression': 'false'}}, "
                    + GOOD.replace("good", "skipped"))
            .start();
    List<Event> live;
    try (Open stream = streams.open(execution)) {
      live = stream.rest();
    }
    List<Event> replayed;
    try (Open stream = streams.open(execution)) {
      replayed = stream.rest();
    }
    assertResumes(execution, replayed);

    // what was live is resumed by what came of it: the last state of each step, one progress
    for (int i = 0; i < live.size() - 1; i++) {
      String seen = live.get(i).id();
      try (Open stream = streams.open(execution, seen)) {
        List<Event> rest = stream.rest();
        assertThat(rest.getFirst().name()).isEqualTo("connected");
        List<String> missed = ids(live.subList(i + 1, live.size()));
        assertThat(missed).as("after " + seen).containsAll(ids(rest.subList(1, rest.size())));
        assertThat(names(rest)).endsWith("complete");
        List<JsonNode> told = only(rest, "step").stream().map(Event::data).toList();
        for (Event later : only(live.subList(i + 1, live.size()), "step")) {
          if (!later.status().equals("RUNNING")) {
            assertThat(told).contains(later.data());
          }
        }
      }
    }
  }

  /** After each event exactly those that follow it come, behind connected. */
  private void assertResumes(TestExecution execution, List<Event> events) {
    for (int i = 0; i < events.size() - 1; i++) {
      try (Open stream = streams.open(execution, events.get(i).id())) {
        List<Event> rest = stream.rest();
        assertThat(rest.getFirst().name()).isEqualTo("connected");
        assertThat(rest.subList(1, rest.size()))
            .as("after " + events.get(i).id())
            .isEqualTo(events.subList(i + 1, events.size()));
      }
    }
    try (Open stream = streams.open(execution, events.getLast().id())) {
      assertThat(stream.status()).isEqualTo(204);
    }
  }

  @Test
  void a_client_that_reconnects_while_it_runs_misses_nothing() {
    TestExecution execution =
        TestWorkflow.of(
                own,
                IntStream.range(0, 6)
                    .mapToObj(i -> wait(120).replace("'w'", "'w" + i + "'"))
                    .collect(Collectors.joining(",")))
            .start();
    List<Event> all = new ArrayList<>();
    String last = null;
    boolean complete = false;
    while (!complete) {
      try (Open stream = streams.open(execution, last)) {
        assertThat(stream.await("connected").data().path("executionId").textValue())
            .isEqualTo(execution.id());
        // two events, then the connection is lost
        for (int i = 0; i < 2 && !complete; i++) {
          Event event = stream.next();
          while (event != null && event.name().isEmpty()) {
            event = stream.next();
          }
          assertThat(event).isNotNull();
          all.add(event);
          last = event.id();
          complete = event.name().equals("complete");
        }
      }
    }
    List<String> steps =
        only(all, "step").stream()
            .filter(event -> event.status().equals("COMPLETED"))
            .map(event -> event.data().path("name").textValue())
            .toList();
    assertThat(steps).containsExactly("w0", "w1", "w2", "w3", "w4", "w5");
    assertThat(new HashSet<>(ids(all))).hasSameSizeAs(all);
    assertThat(only(all, "complete")).hasSize(1);
  }

  @Test
  void after_a_retry_the_stream_goes_on_behind_what_was_seen() {
    TestExecution execution = waiting();
    execution.cancel();
    String seen;
    try (Open stream = streams.open(execution)) {
      seen = stream.await("complete").id();
    }
    execution.post("/retry").then().statusCode(202);
    execution.awaitStep("w", "RUNNING");
    try (Open stream = streams.open(execution, seen)) {
      assertThat(stream.status()).isEqualTo(200);
      Event step = stream.await("step");
      assertThat(step.status()).isEqualTo("RUNNING");
      execution.cancel();
      assertThat(stream.await("complete").id()).isNotEqualTo(seen);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", "-1.0", "1.3", "01.0", "1.0.0", "99999999999.0", "1,0"})
  void a_malformed_last_event_id_is_refused(String id) {
    as(own.key("viewer"))
        .accept("text/event-stream")
        .header("Last-Event-ID", id)
        .get(finished("").path("/stream"))
        .then()
        .statusCode(400)
        .contentType("application/problem+json");
  }
}
