package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.execute;
import static io.stepwell.durability.Replicas.executionPath;
import static io.stepwell.durability.Replicas.outcome;
import static io.stepwell.durability.Replicas.report;
import static io.stepwell.durability.Replicas.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.durability.EffectSink.Call;
import io.stepwell.durability.EventStream.Event;
import io.stepwell.durability.Replica.Answer;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two replicas on one database act as one service. */
class SharedWorkIT {
  private static final int MANY = 200;

  @RegisterExtension
  static final Replicas replicas = Replicas.with(Map.of("STEPWELL_ENGINE_SLOTS", "4"));

  private final Replica a = replicas.a();
  private final Replica b = replicas.b();
  private final EffectSink sink = replicas.sink();

  /** Makes many requests at once. */
  private static <T> List<T> atOnce(int threads, IntFunction<T> request)
      throws InterruptedException, ExecutionException {
    try (ExecutorService callers = Executors.newFixedThreadPool(threads)) {
      List<Callable<T>> requests = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        int number = i;
        requests.add(() -> request.apply(number));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> answer : callers.invokeAll(requests)) {
        answers.add(answer.get());
      }
      return answers;
    }
  }

  @Test
  void many_requests_with_one_idempotency_key_on_two_replicas_make_one_execution()
      throws InterruptedException, ExecutionException {
    String workflow = replicas.workflow(replicas.call("once", "/idempotent"));
    String execute = Replicas.path("/" + workflow + "/execute");
    Instant begin = Instant.now();

    List<Answer> answers =
        atOnce(
            MANY,
            i -> (i % 2 == 0 ? a : b).post(execute, Json.object(), "Idempotency-Key", "order-1"));
    report("200 requests with one key", Duration.between(begin, Instant.now()));

    assertThat(answers).extracting(Answer::status).containsOnly(202);
    List<String> ids = answers.stream().map(answer -> answer.body().path("id").asText()).toList();
    assertThat(ids.stream().distinct()).hasSize(1);
    assertThat(answers.stream().filter(SharedWorkIT::replayed)).hasSize(MANY - 1);
    Replicas.await(b, ids.getFirst(), "COMPLETED");
    assertThat(sink.callsOf("/idempotent")).hasSize(1);
    assertThat(Replicas.count(a, workflow, "COMPLETED")).isEqualTo(1);

    Answer other =
        b.post(
            execute,
            Json.object().set("triggerData", Json.object().put("other", true)),
            "Idempotency-Key",
            "order-1");
    assertThat(other.expect(422).path("code").asText()).isEqualTo("idempotency_key_reused");
    assertThat(a.get(Replicas.path("/" + workflow + "/executions")).body().at("/statistics/total"))
        .isEqualTo(Json.object().numberNode(1));
  }

  private static boolean replayed(Answer answer) {
    return answer.headers().firstValue("Idempotency-Replayed").orElse("").equals("true");
  }

  @Test
  void two_replicas_share_the_work_that_one_of_them_was_given_and_do_each_step_once()
      throws InterruptedException, ExecutionException {
    sink.delay("/shared", Duration.ofMillis(50));
    String workflow = replicas.workflow(replicas.call("once", "/shared"));
    double before = b.metric("stepwell_journal_entries_total");
    double beforeA = a.metric("stepwell_journal_entries_total");
    Instant begin = Instant.now();

    List<String> ids = atOnce(16, i -> execute(a, workflow));
    eventually("all of them").until(() -> Replicas.count(b, workflow, "COMPLETED") == MANY);

    report("200 executions of one call of 50 ms, 8 slots", Duration.between(begin, Instant.now()));
    assertThat(sink.callsOf("/shared"))
        .extracting(Call::key)
        .containsExactlyInAnyOrderElementsOf(ids.stream().map(id -> id + ":once").toList());
    assertThat(b.metric("stepwell_journal_entries_total")).isGreaterThan(before);
    assertThat(a.metric("stepwell_journal_entries_total")).isGreaterThan(beforeA);
  }

  @Test
  void a_cancel_through_the_other_replica_interrupts_the_attempt_and_starts_no_step() {
    sink.hold("/cancelled");
    String id =
        replicas.executeOn(
            a,
            replicas.workflow(
                replicas.call("slow", "/cancelled"), replicas.call("next", "/after-cancel")));
    eventually("the call").until(() -> !sink.callsOf("/cancelled").isEmpty());

    JsonNode answer = b.post(executionPath(id), Json.object()).expect(200);
    Instant cancelled = Instant.now();

    assertThat(answer.path("status").asText()).isEqualTo("CANCELLED");
    assertThat(answer.at("/steps").findValuesAsText("status"))
        .containsExactly("CANCELLED", "CANCELLED");
    Call call = sink.callsOf("/cancelled").getFirst();
    eventually("the interrupt").until(call::abandoned);
    Duration took = Duration.between(cancelled, call.abandonedAt());
    report("cancel through the other replica, until the call ends", took);
    assertThat(took).isLessThan(Duration.ofSeconds(15));
    eventually("nothing runs").until(() -> a.metric("stepwell_engine_running") == 0);
    assertThat(view(a, id)).isEqualTo(view(b, id)).isEqualTo(answer);
    assertThat(sink.callsOf("/after-cancel")).isEmpty();
    sink.release("/cancelled");
  }

  @Test
  void a_result_that_comes_after_the_cancel_changes_nothing() {
    sink.hold("/late");
    String workflow =
        replicas.workflow(replicas.call("slow", "/late"), replicas.call("next", "/after-late"));
    String id = replicas.executeOn(a, workflow);
    eventually("the call").until(() -> outcome(view(b, id), "slow").equals("RUNNING 1"));

    a.freeze();
    JsonNode answer = b.delete(executionPath(id)).expect(200);
    sink.release("/late");
    a.thaw();

    eventually("nothing runs").until(() -> a.metric("stepwell_engine_running") == 0);
    assertThat(view(a, id)).isEqualTo(view(b, id)).isEqualTo(answer);
    assertThat(sink.callsOf("/late")).hasSize(1);
    assertThat(sink.callsOf("/after-late")).isEmpty();
    assertThat(Replicas.count(b, workflow, "CANCELLED")).isEqualTo(1);
    assertThat(Replicas.count(b, workflow, "COMPLETED")).isZero();
  }

  @Test
  void a_stream_from_the_replica_that_does_not_run_it_tells_everything_in_order() {
    List<String> names = List.of("one", "two", "three");
    names.forEach(name -> sink.hold("/" + name));
    String id =
        replicas.executeOn(
            a,
            replicas.workflow(
                replicas.call("one", "/one"),
                replicas.call("two", "/two"),
                replicas.call("three", "/three")));
    EventStream stream = b.stream(executionPath(id) + "/stream");

    for (String name : names) {
      eventually(name).until(() -> steps(stream).contains(name + " RUNNING 1"));
      sink.release("/" + name);
    }
    eventually("the end").until(stream::closed);

    assertThat(stream.names()).startsWith("connected").endsWith("complete");
    assertThat(steps(stream))
        .containsExactly(
            "one RUNNING 1",
            "one COMPLETED 1",
            "two RUNNING 1",
            "two COMPLETED 1",
            "three RUNNING 1",
            "three COMPLETED 1");
    assertThat(stream.named("progress").stream().map(e -> e.data().path("percentage").asInt()))
        .containsExactly(33, 66, 100);
    assertThat(stream.named("complete").getFirst().data().path("status").asText())
        .isEqualTo("COMPLETED");
    assertThat(stream.events()).extracting(Event::id).doesNotHaveDuplicates().doesNotContain("");
    List<Duration> latencies =
        stream.named("step").stream().filter(Event::ended).map(Event::latency).sorted().toList();
    report("stream from the other replica, median latency", latencies.get(1));
    report("stream from the other replica, highest latency", latencies.getLast());
  }

  private static List<String> steps(EventStream stream) {
    return stream.named("step").stream().map(Event::step).toList();
  }

  @Test
  void a_replica_that_slept_past_its_lease_cannot_write_what_it_did() {
    sink.hold("/zombie");
    String workflow =
        replicas.workflow(replicas.call("first", "/first"), replicas.call("last", "/zombie"));
    String id = replicas.executeOn(a, workflow);
    eventually("the call").until(() -> outcome(view(b, id), "last").equals("RUNNING 1"));

    a.freeze();
    Instant frozen = Instant.now();
    eventually("the takeover").until(() -> sink.calls(id, "last").size() == 2);
    report("takeover from a frozen replica", Duration.between(frozen, Instant.now()));
    sink.release("/zombie");
    JsonNode finished = Replicas.await(b, id, "COMPLETED");
    a.thaw();
    eventually("the zombie's end").until(() -> a.metric("stepwell_engine_running") == 0);

    assertThat(view(a, id)).isEqualTo(finished);
    assertThat(view(b, id)).isEqualTo(finished);
    assertThat(outcome(finished, "first")).isEqualTo("COMPLETED 1");
    assertThat(outcome(finished, "last")).isEqualTo("COMPLETED 2");
    assertThat(Replicas.step(finished, "last").at("/output/body/call").asInt())
        .as("the result of the replica that had the lease")
        .isEqualTo(2);
    assertThat(sink.calls(id, "first")).hasSize(1);
    assertThat(sink.calls(id, "last")).hasSize(2);
    assertThat(Replicas.count(b, workflow, "COMPLETED")).as("counted once").isEqualTo(1);
  }
}
