package io.stepwell.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.faults.Cluster.Member;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Single events that are too large, or too rare, for a schedule of chance. */
@Tag("long")
class ExtremesIT {
  private static final int MAX_CLAIMS = 4;
  private static final int TIMERS = 100_000;
  private static final int BACKLOG = 2000;
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private static final String HOLDING_ROWS =
      """
      select count(*) from pg_stat_activity a join pg_locks l using (pid)
      where a.state = 'idle in transaction' and l.relation = 'execution'::regclass
        and l.mode in ('RowShareLock', 'RowExclusiveLock')
        and a.state_change < now() - interval '1 second'
      """;

  private static Cluster cluster;
  private static Workflows workflows;

  @BeforeAll
  static void start() throws IOException {
    Seat seat = Seat.with(Map.of("STEPWELL_ENGINE_MAX_CLAIMS", "" + MAX_CLAIMS));
    cluster = Cluster.start("extremes", Collections.nCopies(2, seat));
    workflows = Workflows.create(cluster);
    workflows.store("poison", workflows.call("deadly", "/poison"));
    workflows.store("decides", Workflows.condition("one"), Workflows.condition("two"));
    workflows.store(
        "sleeps", Workflows.waiting("one", Duration.ofHours(1)), Workflows.condition("two"));
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @AfterEach
  void what_the_database_saw_keeps_the_promises() throws Exception {
    assertThat(Checker.check(Audit.history(cluster.postgres())))
        .extracting(Checker.Violation::rule)
        .doesNotContain(
            Checker.Rule.TERMINAL_ONCE,
            Checker.Rule.ONE_SUCCESS_A_STEP,
            Checker.Rule.NO_WAIT_EARLY,
            Checker.Rule.NOTHING_LEFT_RUNNING);
  }

  private static String execute(String workflow) {
    List<String> id = new ArrayList<>();
    Cluster.await(
        "an execution of " + workflow,
        () -> {
          cluster
              .api()
              .post(
                  cluster.members().getFirst(),
                  Api.WORKFLOWS + "/" + workflow + "/execute",
                  Json.object())
              .filter(answer -> answer.status() == 202)
              .ifPresent(answer -> id.add(answer.body().path("id").asText()));
          return !id.isEmpty();
        });
    return id.getFirst();
  }

  private static JsonNode view(String id) {
    List<JsonNode> views = new ArrayList<>();
    Cluster.await(
        "a view of " + id,
        () ->
            cluster
                .api()
                .get(cluster.members().getFirst(), Api.executionPath(id))
                .filter(answer -> answer.status() == 200)
                .map(answer -> views.add(answer.body()))
                .isPresent());
    return views.getFirst();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void a_payload_that_kills_whoever_runs_it_is_given_up_and_takes_nothing_else_along() {
    cluster.sink().strike("/poison", ExtremesIT::killCaller);
    List<String> innocent = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      innocent.add(execute("calls"));
    }

    String poison = execute("poison");
    cluster.awaitIdle(PATIENCE);

    cluster.awaitReady();
    JsonNode view = view(poison);
    assertThat(view.path("status").asText()).isEqualTo("FAILED");
    assertThat(view.at("/error/code").asText()).isEqualTo("poisoned");
    assertThat(cluster.sink().calls().stream().filter(c -> c.key().equals(poison + ":deadly")))
        .hasSize(MAX_CLAIMS);
    assertThat(innocent)
        .allSatisfy(id -> assertThat(view(id).path("status").asText()).isEqualTo("COMPLETED"));
    System.out.printf("[faults] a poison payload took %d replicas down%n", MAX_CLAIMS);
  }

  private static void killCaller(int port) {
    try {
      for (Member member : cluster.members()) {
        if (Sockets.belongs(port, member.replica().pid())) {
          member.replica().kill();
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void a_replica_that_vanishes_in_the_midst_of_a_transaction_holds_up_nothing_for_long() {
    Member victim = cluster.members().getLast();
    victim.proxy().stallInTransaction();
    List<String> begun = new ArrayList<>();
    Cluster.await(
        "a transaction that holds rows locked",
        () -> {
          begun.add(execute("calls"));
          return cluster.number(HOLDING_ROWS) > 0;
        });
    victim.killAndHold();
    Instant vanished = Instant.now();

    cluster.awaitIdle(Cluster.LEASE.plus(Duration.ofSeconds(60)));

    System.out.printf(
        "[faults] a replica vanished in a transaction; its work was over %d ms later%n",
        Duration.between(vanished, Instant.now()).toMillis());
    victim.proxy().pass();
    victim.letGo();
    assertThat(begun)
        .allSatisfy(id -> assertThat(view(id).path("status").asText()).isEqualTo("COMPLETED"));
  }

  @Test
  void a_hundred_thousand_timers_of_one_second_all_fire_and_none_of_them_early() {
    cluster.awaitReady();
    Latencies before = new Latencies();
    before.sample(Duration.ofSeconds(5));
    cluster.execute(Seeds.timers(TIMERS, Duration.ofSeconds(60)));
    Instant due = Instant.ofEpochMilli(cluster.number(Seeds.DUE_MILLIS));
    Cluster.await("their time", () -> Instant.now().isAfter(due));
    Latencies during = new Latencies();
    AtomicBoolean over = new AtomicBoolean();
    Thread sampler =
        Thread.ofVirtual()
            .start(() -> {
              while (!over.get()) {
                during.sample(Duration.ofSeconds(1));
              }
            });

    cluster.awaitIdle(PATIENCE);
    over.set(true);

    System.out.printf(
        "[faults] %d timers of one second fired within %d ms; reads before %s, meanwhile %s%n",
        TIMERS, cluster.number(Seeds.DRAINED_MILLIS), before, during);
    assertThat(sampler).isNotNull();
    assertThat(cluster.number(Seeds.TIMERS_COMPLETED)).isEqualTo(TIMERS);
    assertThat(cluster.number(Seeds.TIMERS_EARLY)).isZero();
  }

  @Test
  void a_backlog_of_an_hour_is_worked_off_and_nothing_of_it_is_lost() {
    cluster.members().forEach(Member::killAndHold);
    cluster.execute(Seeds.backlog(BACKLOG));
    cluster.members().forEach(Member::letGo);
    cluster.awaitReady();
    Instant back = Instant.now();
    String fresh = execute("decides");
    Cluster.await(
        "a new execution", PATIENCE, () -> view(fresh).path("status").asText().equals("COMPLETED"));
    Duration held = Duration.between(back, Instant.now());

    cluster.awaitIdle(PATIENCE);

    System.out.printf(
        "[faults] %d executions of an hour without replicas: a new one took %d ms, all %d ms%n",
        3 * BACKLOG, held.toMillis(), Duration.between(back, Instant.now()).toMillis());
    assertThat(cluster.number(Seeds.BACKLOG_COMPLETED)).isEqualTo(3L * BACKLOG);
  }

  /** How long reads of the API take. */
  private static final class Latencies {
    private final List<Duration> all = Collections.synchronizedList(new ArrayList<>());

    void sample(Duration duration) {
      Instant end = Instant.now().plus(duration);
      while (Instant.now().isBefore(end)) {
        long begin = System.nanoTime();
        cluster.api().get(cluster.members().getFirst(), Api.WORKFLOWS);
        all.add(Duration.ofNanos(System.nanoTime() - begin));
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }

    @Override
    public String toString() {
      List<Duration> sorted = new ArrayList<>(all);
      Collections.sort(sorted);
      return "p50 %d ms, p99 %d ms"
          .formatted(
              sorted.get(sorted.size() / 2).toMillis(),
              sorted.get(sorted.size() * 99 / 100).toMillis());
    }
  }
}
