package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.report;
import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.durability.Replica.Answer;
import io.stepwell.durability.Replicas.Place;
import io.stepwell.kernel.Json;
import io.stepwell.launch.PostgresServers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The machine of the primary database dies under load, and its synchronous standby takes over. */
class StandbyIT {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final int EVERY_MILLIS = 100;

  @RegisterExtension static final Replicas replicas = Replicas.oneOn(StandbyIT::pair);

  private static PostgresServers servers;

  private final List<Told> answers = new CopyOnWriteArrayList<>();
  private String workflow = "";

  /** An answer to an execute, and when it came. */
  private record Told(int status, String id, Instant at) {}

  private static Place pair(Path folder) throws IOException {
    servers = PostgresServers.pair(folder, Map.of());
    return new Place(
        PostgresServers.jdbcUrl(servers.ports(), "postgres"), "postgres", "", List.of(servers));
  }

  @Test
  void nothing_that_was_acknowledged_is_lost_and_work_goes_on_when_the_standby_is_promoted()
      throws Exception {
    Replica replica = replicas.a();
    workflow =
        replicas.workflow(
            replicas.call("call", "/call"),
            Replicas.waiting("pause", Duration.ofSeconds(1)),
            replicas.call("again", "/call"));
    Instant promoted;
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor()) {
      Future<?> load =
          pace.scheduleAtFixedRate(
              () -> requests.execute(this::execute), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
      eventually("a load").until(() -> answers.size() > 30);

      servers.killPrimary();
      // nobody notices at once: until then requests wait, and then are refused
      eventually("a refusal").until(() -> answers.getLast().status() != 202);
      assertThat(replica.get("/q/health/ready").status()).isEqualTo(503);
      assertThat(replica.get("/q/health/live").status()).isEqualTo(200);
      Instant before = Instant.now();
      servers.promote();
      promoted = before;

      eventually("a load again").until(() -> acceptedAfter(before).size() > 30);
      load.cancel(false);
    }
    Instant back =
        acceptedAfter(promoted).stream().map(Told::at).min(Instant::compareTo).orElseThrow();

    report("standby promoted, until the next 202", Duration.between(promoted, back));
    assertThat(Duration.between(promoted, back)).isLessThan(LONGEST_PAUSE);
    assertThat(answers).extracting(Told::status).containsOnly(202, 503);
    List<Told> accepted = answers.stream().filter(told -> told.status() == 202).toList();
    for (Told told : accepted) {
      Replicas.await(replica, told.id(), "COMPLETED");
    }
    assertThat(Replicas.count(replica, workflow, "COMPLETED"))
        .isGreaterThanOrEqualTo(accepted.size());
    assertThat(replica.get("/q/health/ready").status()).isEqualTo(200);
  }

  private void execute() {
    Answer answer =
        replicas
            .a()
            .post(
                Replicas.path("/" + workflow + "/execute"),
                Json.object(),
                "Idempotency-Key",
                UUID.randomUUID().toString());
    answers.add(new Told(answer.status(), answer.body().path("id").asText(), Instant.now()));
  }

  private List<Told> acceptedAfter(Instant moment) {
    return answers.stream()
        .filter(told -> told.status() == 202 && told.at().isAfter(moment))
        .toList();
  }
}
