package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.report;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.durability.Replica.Answer;
import io.stepwell.kernel.Json;
import io.stepwell.launch.BreakablePostgres;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The machine of the primary database dies under load, and its synchronous standby takes over. */
class StandbyIT {
  private static final Path FOLDER = Path.of("target", "durability", "standby");
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
  private static final int EVERY_MILLIS = 100;

  private static BreakablePostgres primary;
  private static BreakablePostgres standby;
  private static EffectSink sink;
  private static Replica replica;

  private final List<Told> answers = new CopyOnWriteArrayList<>();

  /** An answer to an execute, and when it came. */
  private record Told(int status, String id, Instant at) {}

  @BeforeAll
  static void a_primary_waits_for_its_standby_at_every_commit() throws IOException {
    primary =
        BreakablePostgres.start(
            FOLDER.resolve("primary"), Map.of("synchronous_standby_names", "standby"));
    standby = primary.standby(FOLDER.resolve("secondary"));
    sink = EffectSink.open();
    replica =
        Replica.start(
                FOLDER.resolve("replica.log"),
                Map.of(
                    "QUARKUS_DATASOURCE_JDBC_URL",
                    ("jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres"
                            + "?targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2")
                        .formatted(primary.port(), standby.port()),
                    "QUARKUS_DATASOURCE_USERNAME",
                    "postgres"))
            .awaitReady();
    replica
        .post("/api/workspaces", Json.object().put("slug", "durable").put("name", "Standby"))
        .expect(201);
    ObjectNode workflow = Json.object().put("key", "failover").put("name", "failover");
    ObjectNode call = Json.object().put("name", "call").put("type", "call_api");
    call.putObject("config").put("method", "POST").put("url", sink.url("/call"));
    workflow
        .putArray("actions")
        .add(call)
        .add(Replicas.waiting("pause", Duration.ofSeconds(1)))
        .add(call.deepCopy().put("name", "again"));
    replica.post(Replicas.path(""), workflow).expect(201);
  }

  @AfterAll
  static void end() {
    if (replica != null) {
      replica.close();
    }
    if (sink != null) {
      sink.close();
    }
    if (standby != null) {
      standby.close();
    }
    if (primary != null) {
      primary.close();
    }
  }

  @Test
  void nothing_that_was_acknowledged_is_lost_and_work_goes_on_when_the_standby_is_promoted()
      throws Exception {
    Instant promoted;
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor()) {
      Future<?> load =
          pace.scheduleAtFixedRate(
              () -> requests.execute(this::execute), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
      eventually("a load").until(() -> answers.size() > 30);

      primary.kill();
      // nobody notices at once: until then requests wait, and then are refused
      eventually("a refusal").until(() -> answers.getLast().status() != 202);
      assertThat(replica.get("/q/health/ready").status()).isEqualTo(503);
      assertThat(replica.get("/q/health/live").status()).isEqualTo(200);
      Instant before = Instant.now();
      standby.promote();
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
    assertThat(Replicas.count(replica, "failover", "COMPLETED"))
        .isGreaterThanOrEqualTo(accepted.size());
    assertThat(replica.get("/q/health/ready").status()).isEqualTo(200);
  }

  private void execute() {
    Answer answer =
        replica.post(
            Replicas.path("/failover/execute"),
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
