package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.outcome;
import static io.stepwell.durability.Replicas.report;
import static io.stepwell.durability.Replicas.step;
import static io.stepwell.durability.Replicas.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every replica is killed, one after the other, and one comes back later. */
class OutageIT {
  private static final Duration WAIT = Duration.ofSeconds(12);

  @RegisterExtension
  static final Replicas replicas = Replicas.with(Map.of("STEPWELL_ENGINE_MAX_CLAIMS", "2"));

  private static String deadly;
  private static String waiting;
  private static Instant waitBegan;
  private static Instant back;
  private static Replica survivor;

  @BeforeAll
  static void nobody_runs_when_the_wait_is_over() throws IOException {
    EffectSink sink = replicas.sink();
    sink.hold("/deadly");
    String kills =
        replicas.workflow(replicas.call("deadly", "/deadly"), replicas.call("never", "/never"));
    String waits =
        replicas.workflow(
            replicas.call("before", "/before"),
            Replicas.waiting("pause", WAIT),
            replicas.call("after", "/after"));
    deadly = replicas.executeOn(replicas.a(), kills);
    eventually("its first call").until(() -> seen(deadly, "deadly").equals("RUNNING 1"));
    waiting = replicas.executeOn(replicas.a(), waits);
    eventually("a running wait").until(() -> seen(waiting, "pause").equals("RUNNING 1"));
    waitBegan =
        Instant.parse(step(view(replicas.b(), waiting), "pause").path("startedAt").asText());
    replicas.a().kill();
    eventually("its second attempt").until(() -> seen(deadly, "deadly").equals("RUNNING 2"));
    eventually("its second call").until(() -> sink.calls(deadly, "deadly").size() == 2);
    assertThat(Instant.now()).as("both are dead before the wait is over").isBefore(due());
    replicas.b().kill();
    eventually("the end of the wait").until(() -> Instant.now().isAfter(due()));
    assertThat(sink.calls(waiting, "after")).isEmpty();
    survivor = replicas.start().awaitReady();
    back = Instant.now();
  }

  private static Instant due() {
    return waitBegan.plus(WAIT);
  }

  private static String seen(String id, String step) {
    return outcome(view(replicas.b(), id), step);
  }

  @Test
  void a_wait_that_ended_while_nobody_ran_is_over_as_soon_as_somebody_does() {
    JsonNode view = Replicas.await(survivor, waiting, "COMPLETED");
    Instant resumed = replicas.sink().calls(waiting, "after").getFirst().at();

    assertThat(outcome(view, "pause")).isEqualTo("COMPLETED 1");
    assertThat(replicas.sink().calls(waiting, "before")).hasSize(1);
    assertThat(replicas.sink().calls(waiting, "after")).hasSize(1);
    assertThat(resumed).isAfter(due()).isBefore(back.plusSeconds(5));
    report("wait over while all were dead, after readiness", Duration.between(back, resumed));
  }

  @Test
  void an_execution_that_took_its_replica_down_too_often_is_failed_and_not_run_again() {
    JsonNode view = Replicas.await(survivor, deadly, "FAILED");

    assertThat(view.at("/error/code").asText()).isEqualTo("poisoned");
    assertThat(view.at("/error/step").asText()).isEqualTo("deadly");
    assertThat(outcome(view, "deadly")).isEqualTo("FAILED 2");
    assertThat(outcome(view, "never")).isEqualTo("PENDING 0");
    assertThat(replicas.sink().calls(deadly, "deadly")).hasSize(2);
    assertThat(replicas.sink().callsOf("/never")).isEmpty();
  }
}
