package io.stepwell.faults;

import static io.stepwell.faults.Api.executionPath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.durability.EventStream.Event;
import io.stepwell.faults.Api.Answer;
import io.stepwell.faults.History.Accepted;
import io.stepwell.faults.History.Cancelled;
import io.stepwell.faults.History.Observed;
import io.stepwell.faults.History.Told;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Clients of every kind: they execute with idempotency keys, watch, read and cancel, try again at
 * another replica while one fails them, and write down what they were told.
 */
final class Load {
  private static final Duration OPERATION = Duration.ofSeconds(60);
  private static final Duration STREAM = Duration.ofMinutes(5);
  private static final Duration CONNECTION = Duration.ofSeconds(4);
  private static final Duration BREATH = Duration.ofMillis(300);
  private static final List<String> TERMINAL = List.of("COMPLETED", "FAILED", "CANCELLED");

  private final Cluster cluster;
  private final Workflows workflows;
  private final Random random;
  private final Duration pace;
  private final Phaser clients = new Phaser(1);
  private final AtomicInteger operations = new AtomicInteger();
  private final AtomicInteger succeeded = new AtomicInteger();
  private final List<Accepted> accepted = new CopyOnWriteArrayList<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final List<Observed> observed = new CopyOnWriteArrayList<>();
  private final List<Cancelled> cancelled = new CopyOnWriteArrayList<>();
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

  /**
   * @param pace between two new executions
   */
  Load(Cluster cluster, Workflows workflows, long seed, Duration pace) {
    this.cluster = cluster;
    this.workflows = workflows;
    this.random = new Random(seed);
    this.pace = pace;
  }

  void start() {
    begin(() -> {
      while (!stopping) {
        Random own = new Random(random.nextLong());
        begin(() -> operate(own));
        LockSupport.parkNanos(pace.toNanos());
      }
    });
  }

  private void begin(Runnable client) {
    clients.register();
    Thread.ofVirtual()
        .name("client")
        .start(() -> {
          try {
            client.run();
          } catch (RuntimeException failure) {
            // must not get lost with the thread: it makes the run a failure
            refusals.add("a client failed: " + failure);
          } finally {
            clients.arriveAndDeregister();
          }
        });
  }

  /** Begins nothing new. */
  void stop() {
    stopping = true;
  }

  /** Waits until every client knows how what it began has ended. */
  void awaitClients() throws InterruptedException, TimeoutException {
    clients.awaitAdvanceInterruptibly(clients.arrive(), STREAM.toSeconds(), TimeUnit.SECONDS);
  }

  private void operate(Random own) {
    Workflows.Kind kind = workflows.any(own);
    workflows.prepare(kind);
    Optional<String> id = execute(kind.key(), own);
    if (id.isEmpty()) {
      return;
    }
    if (own.nextInt(4) == 0) {
      begin(() -> watch(id.get(), new Random(own.nextLong())));
    }
    if (kind == Workflows.Kind.ENDLESS) {
      pause(Duration.ofMillis(300 + own.nextInt(1500)));
      cancel(id.get(), own);
    }
    observe(id.get(), own);
  }

  /** Executes, once however often it is tried; empty when nobody answers for long. */
  Optional<String> execute(String workflow, Random own) {
    int number = operations.incrementAndGet();
    String key = "operation-" + number;
    Optional<Answer> answer =
        insist(
            () ->
                cluster
                    .api()
                    .post(
                        cluster.any(own),
                        Api.WORKFLOWS + "/" + workflow + "/execute",
                        Json.object(),
                        "Idempotency-Key",
                        key),
            List.of(200, 202));
    Optional<String> id = answer.map(a -> a.body().path("id").asText());
    id.ifPresent(execution -> {
      accepted.add(new Accepted(key, execution, Instant.now()));
      succeeded.incrementAndGet();
    });
    return id;
  }

  private void cancel(String id, Random own) {
    operations.incrementAndGet();
    Optional<Answer> answer =
        insist(
            () -> cluster.api().post(cluster.any(own), executionPath(id), Json.object()),
            List.of(200, 409));
    answer.ifPresent(a -> {
      succeeded.incrementAndGet();
      if (a.status() == 200) {
        cancelled.add(new Cancelled(id, Instant.now()));
      }
    });
  }

  /**
   * Asks until it gets one of these answers; an outage may say so, and nothing else may go wrong.
   */
  private Optional<Answer> insist(Supplier<Optional<Answer>> request, List<Integer> good) {
    Instant deadline = Instant.now().plus(OPERATION);
    while (Instant.now().isBefore(deadline)) {
      Optional<Answer> answer = request.get();
      if (answer.filter(a -> good.contains(a.status())).isPresent()) {
        return answer;
      }
      answer.filter(a -> a.status() != 503).ifPresent(a -> refusals.add(Instant.now() + " " + a));
      pause(BREATH);
    }
    return Optional.empty();
  }

  private void observe(String id, Random own) {
    Instant deadline = Instant.now().plus(STREAM);
    String status = "";
    while (!TERMINAL.contains(status) && Instant.now().isBefore(deadline)) {
      pause(Duration.ofMillis(700 + own.nextInt(600)));
      Optional<Answer> answer = cluster.api().get(cluster.any(own), executionPath(id));
      if (answer.filter(a -> a.status() == 200).isPresent()) {
        status = answer.get().body().path("status").asText();
        observed.add(new Observed(id, status, Instant.now()));
      } else if (answer.filter(a -> a.status() != 503).isPresent()) {
        refusals.add(Instant.now() + " " + answer.get());
      }
    }
  }

  /** Watches over connections that do not last, each to any replica. */
  private void watch(String id, Random own) {
    Instant deadline = Instant.now().plus(STREAM);
    String last = "";
    boolean complete = false;
    int seenHere;
    while (!complete && Instant.now().isBefore(deadline)) {
      try (Api.Watching watching = cluster.api().watch(cluster.any(own), id, last)) {
        Instant until = Instant.now().plus(CONNECTION).plusMillis(own.nextInt(1000));
        while (!complete && !watching.events().closed() && Instant.now().isBefore(until)) {
          pause(Duration.ofMillis(100));
          complete = watching.events().events().stream().anyMatch(e -> e.name().equals("complete"));
        }
        List<Event> events = watching.events().events();
        seenHere = events.size();
        for (Event event : events) {
          told.add(new Told("stream-of-" + id, id, event.name(), event.id(), step(event)));
          last = event.id();
        }
      }
      if (seenHere == 0) {
        pause(BREATH);
      }
    }
  }

  private static String step(Event event) {
    return event.name().equals("step") ? event.step() : "";
  }

  private static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }

  /** What was seen, once all clients are done, with what the database and the outside world saw. */
  History history(Recorder recorder) throws Exception {
    // once more, of every execution and from one replica: an end stays what it was
    for (Accepted execution : accepted) {
      JsonNode view =
          insist(
                  () ->
                      cluster
                          .api()
                          .get(cluster.any(random), executionPath(execution.executionId())),
                  List.of(200))
              .orElseThrow()
              .body();
      observed.add(
          new Observed(execution.executionId(), view.path("status").asText(), Instant.now()));
    }
    ObjectNode statistics =
        (ObjectNode)
            insist(
                    () -> cluster.api().get(cluster.any(random), Api.WORKFLOWS + "/executions"),
                    List.of(200))
                .orElseThrow()
                .body()
                .at("/statistics/byStatus");
    return recorder.history(
        operations.get(),
        succeeded.get(),
        accepted,
        refusals,
        observed,
        cancelled,
        told,
        statistics);
  }
}
