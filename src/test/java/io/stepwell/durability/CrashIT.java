package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.executionPath;
import static io.stepwell.durability.Replicas.outcome;
import static io.stepwell.durability.Replicas.report;
import static io.stepwell.durability.Replicas.step;
import static io.stepwell.durability.Replicas.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.durability.EffectSink.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One crash of a replica that is in the middle of a call, of a wait and of two backoffs. */
class CrashIT {
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration SHORT_BACKOFF = Duration.ofMillis(3500);
  private static final Duration LONG_BACKOFF = Duration.ofSeconds(8);

  // between the two backoffs: one holds its thread, the other is a row
  @RegisterExtension
  static final Replicas replicas = Replicas.with(Map.of("STEPWELL_ENGINE_PARKED_BACKOFF", "4s"));

  private static String cut;
  private static String waiting;
  private static String shortBackoff;
  private static String longBackoff;
  private static EventStream stream;
  private static Instant killed;

  @BeforeAll
  static void a_replica_is_killed_in_the_middle_of_everything() {
    EffectSink sink = replicas.sink();
    sink.hold("/cut");
    sink.refuse("/short", 1);
    sink.refuse("/long", 1);
    cut = start(replicas.workflow(before(), replicas.call("cut", "/cut"), after()));
    stream = replicas.b().stream(executionPath(cut) + "/stream");
    eventually("a call").until(() -> outcome(seen(cut), "cut").equals("RUNNING 1"));
    eventually("its stream").until(() -> steps(stream).contains("cut RUNNING 1"));
    // all stored before the first is started: the kill has to come before their time does
    String pause = replicas.workflow(before(), Replicas.waiting("pause", WAIT), after());
    String longRetry = replicas.workflow(before(), retried("/long", LONG_BACKOFF), after());
    String shortRetry = replicas.workflow(before(), retried("/short", SHORT_BACKOFF), after());
    waiting = start(pause);
    longBackoff = start(longRetry);
    shortBackoff = start(shortRetry);
    eventually("a wait").until(() -> outcome(seen(waiting), "pause").equals("RUNNING 1"));
    eventually("a long backoff").until(() -> hasFailedOnce(longBackoff));
    eventually("a short backoff").until(() -> hasFailedOnce(shortBackoff));
    killed = replicas.a().kill();
    assertThat(sink.calls(cut, "cut")).hasSize(1);
    assertThat(sink.calls(shortBackoff, "retried")).hasSize(1);
    assertThat(sink.calls(longBackoff, "retried")).hasSize(1);
    assertThat(sink.calls(waiting, "after")).isEmpty();
    eventually("the second call").until(() -> sink.calls(cut, "cut").size() == 2);
    sink.release("/cut");
  }

  private static ObjectNode before() {
    return replicas.call("before", "/before");
  }

  private static ObjectNode after() {
    return replicas.call("after", "/after");
  }

  private static ObjectNode retried(String path, Duration delay) {
    ObjectNode action = replicas.call("retried", path).put("onError", "retry");
    action
        .putObject("retry")
        .put("maxRetries", 2)
        .put("delayMs", delay.toMillis())
        .put("factor", 1)
        .put("jitter", false);
    return action;
  }

  private static String start(String workflow) {
    return replicas.executeOn(replicas.a(), workflow);
  }

  /** As the replica that survives shows it. */
  private static JsonNode seen(String id) {
    return view(replicas.b(), id);
  }

  private static boolean hasFailedOnce(String id) {
    return step(seen(id), "retried").path("error").path("code").asText().equals("http_status");
  }

  private static JsonNode completed(String id) {
    return Replicas.await(replicas.b(), id, "COMPLETED");
  }

  private static List<Call> calls(String id, String step) {
    return replicas.sink().calls(id, step);
  }

  private static List<String> steps(EventStream stream) {
    return stream.named("step").stream().map(EventStream.Event::step).toList();
  }

  @Test
  void another_replica_finishes_the_call_that_was_cut_and_repeats_nothing_before_it() {
    JsonNode view = completed(cut);

    assertThat(outcome(view, "before")).isEqualTo("COMPLETED 1");
    assertThat(outcome(view, "cut")).isEqualTo("COMPLETED 2");
    assertThat(outcome(view, "after")).isEqualTo("COMPLETED 1");
    assertThat(calls(cut, "before")).hasSize(1);
    assertThat(calls(cut, "cut")).as("two calls with one key").hasSize(2);
    assertThat(calls(cut, "after")).hasSize(1);
    assertThat(step(view, "cut").at("/output/body/call").asInt()).isEqualTo(2);
    report("crash in a call, until the next attempt", since(calls(cut, "cut").get(1)));
  }

  @Test
  void a_stream_from_another_replica_tells_of_every_step_in_spite_of_the_crash() {
    completed(cut);
    eventually("the end of the stream").until(stream::closed);

    assertThat(stream.names()).startsWith("connected").endsWith("complete");
    assertThat(steps(stream))
        .containsSubsequence(
            "before COMPLETED 1", "cut RUNNING 1", "cut COMPLETED 2", "after COMPLETED 1")
        .doesNotHaveDuplicates();
  }

  @Test
  void a_wait_ends_at_its_time_and_not_before() {
    JsonNode view = completed(waiting);
    Instant resumed = calls(waiting, "after").getFirst().at();
    Instant began = Instant.parse(step(view, "pause").path("startedAt").asText());

    assertThat(outcome(view, "pause")).isEqualTo("COMPLETED 1");
    assertThat(calls(waiting, "before")).hasSize(1);
    assertThat(calls(waiting, "after")).hasSize(1);
    assertThat(Duration.between(began, resumed)).isBetween(WAIT, WAIT.plusSeconds(5));
    report("wait of a dead replica, late by", Duration.between(began, resumed).minus(WAIT));
  }

  @Test
  void a_backoff_that_held_a_thread_goes_on_elsewhere_with_the_attempts_that_are_left() {
    retriedOnce(shortBackoff, SHORT_BACKOFF);
    report(
        "crash in a short backoff, until the retry", since(calls(shortBackoff, "retried").get(1)));
  }

  @Test
  void a_backoff_that_is_a_row_goes_on_elsewhere_with_the_attempts_that_are_left() {
    retriedOnce(longBackoff, LONG_BACKOFF);
  }

  private static void retriedOnce(String id, Duration delay) {
    JsonNode view = completed(id);
    List<Call> calls = calls(id, "retried");

    assertThat(outcome(view, "retried")).isEqualTo("COMPLETED 2");
    assertThat(calls).hasSize(2);
    assertThat(Duration.between(calls.get(0).at(), calls.get(1).at()))
        .isGreaterThanOrEqualTo(delay);
    assertThat(calls(id, "before")).hasSize(1);
    assertThat(calls(id, "after")).hasSize(1);
  }

  private static Duration since(Call call) {
    return Duration.between(killed, call.at());
  }
}
