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
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica that is asked to end loses nothing and holds nothing up. */
class DrainIT {
  private static final Duration GRACE = Duration.ofSeconds(9);

  @RegisterExtension
  static final Replicas replicas =
      Replicas.with(
          Map.of(
              "STEPWELL_ENGINE_DRAIN_GRACE",
              GRACE.toSeconds() + "s",
              "STEPWELL_ENGINE_LEASE",
              "5s"));

  @Test
  void what_ends_within_the_grace_ends_here_and_the_rest_is_given_to_others_at_once() {
    Replica leaving = replicas.a();
    Replica staying = replicas.b();
    EffectSink sink = replicas.sink();
    // longer than the lease: it has to be prolonged until the end
    sink.delay("/short", Duration.ofSeconds(7));
    sink.hold("/endless");
    String shortWork = replicas.workflow(replicas.call("short", "/short"));
    String endlessWork =
        replicas.workflow(
            replicas.call("first", "/first"),
            replicas.call("endless", "/endless"),
            replicas.call("last", "/last"));
    String newWork = replicas.workflow(replicas.call("new", "/new"));
    String endless = replicas.executeOn(leaving, endlessWork);
    eventually("a call")
        .until(() -> outcome(view(staying, endless), "endless").equals("RUNNING 1"));
    String ending = replicas.executeOn(leaving, shortWork);
    eventually("a call").until(() -> sink.calls(ending, "short").size() == 1);

    Instant asked = leaving.terminate();
    String fresh = execute(staying, newWork);
    Replicas.await(staying, fresh, "COMPLETED");
    JsonNode ended = Replicas.await(staying, ending, "COMPLETED");
    eventually("a second call").until(() -> sink.calls(endless, "endless").size() == 2);
    List<Call> calls = sink.calls(endless, "endless");
    leaving.awaitExit(Duration.ofSeconds(60));
    report("SIGTERM with a step beyond the grace, until exit", since(asked));
    sink.release("/endless");
    JsonNode taken = Replicas.await(staying, endless, "COMPLETED");

    assertThat(outcome(ended, "short")).isEqualTo("COMPLETED 1");
    assertThat(sink.calls(ending, "short")).hasSize(1);
    assertThat(outcome(taken, "first")).isEqualTo("COMPLETED 1");
    assertThat(outcome(taken, "endless")).isEqualTo("COMPLETED 2");
    assertThat(outcome(taken, "last")).isEqualTo("COMPLETED 1");
    assertThat(sink.calls(endless, "first")).hasSize(1);
    assertThat(sink.calls(endless, "last")).hasSize(1);
    Duration handover = Duration.between(calls.get(0).abandonedAt(), calls.get(1).at());
    report("step given back at the end of the grace, until the next attempt", handover);
    assertThat(Duration.between(asked, calls.get(1).at()))
        .as("not before the grace is over")
        .isGreaterThan(GRACE.minusMillis(100));
    assertThat(handover).as("not after the lease").isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void an_open_stream_ends_at_once_and_holds_the_exit_up_no_longer_than_the_work()
      throws IOException {
    Replica leaving = replicas.start().awaitReady();
    Replica staying = replicas.b();
    EffectSink sink = replicas.sink();
    sink.hold("/watched");
    String id =
        replicas.executeOn(staying, replicas.workflow(replicas.call("watched", "/watched")));
    EventStream stream = leaving.stream(executionPath(id) + "/stream");
    eventually("the stream").until(() -> stream.names().contains("connected"));

    Instant asked = leaving.terminate();
    leaving.awaitExit(Duration.ofSeconds(60));

    report("SIGTERM with an open stream, until exit", since(asked));
    assertThat(since(asked)).isLessThan(GRACE);
    eventually("the end of the stream").until(stream::closed);
    assertThat(stream.named("complete")).isEmpty();
    sink.release("/watched");
    Replicas.await(staying, id, "COMPLETED");
  }

  private static Duration since(Instant begin) {
    return Duration.between(begin, Instant.now());
  }
}
