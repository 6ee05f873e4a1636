package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.engine.Reference.Execution;
import io.stepwell.engine.Reference.Outcome;
import io.stepwell.engine.Reference.Runner;
import io.stepwell.execution.ExecutionCancellation;
import io.stepwell.execution.ExecutionQueries;
import io.stepwell.execution.ExecutionService;
import io.stepwell.execution.ExecutionService.Started;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.ExecutionView;
import io.stepwell.execution.StepSignals;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.TraceParent;
import jakarta.enterprise.inject.spi.CDI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The engine on its database and the reference, which must go the same way: every command is given
 * to both, and their executions compared.
 */
final class World implements AutoCloseable {
  private static final int MAX_EXECUTIONS = 3;
  private static final int ENOUGH = 40;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ClaimQueue queue = bean(ClaimQueue.class);
  private final ExecutionRunner runner = bean(ExecutionRunner.class);
  private final Journal journal = bean(Journal.class);
  private final DatabaseClock clock = bean(DatabaseClock.class);
  private final ExecutionService service = bean(ExecutionService.class);
  private final ExecutionCancellation cancellation = bean(ExecutionCancellation.class);
  private final ExecutionQueries queries = bean(ExecutionQueries.class);
  private final StepSignals signals = bean(StepSignals.class);

  private final DatabaseTime time;
  private final Rows rows;
  private final Reference reference;
  private final List<UUID> ids = new ArrayList<>();
  private final Map<Integer, Keyed> keyed = new HashMap<>();
  private final List<Held> claimed = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();
  private final List<Integer> percentages = new ArrayList<>();
  private final Map<String, Integer> seen;

  private record Keyed(int body, int execution) {}

  /** A claim of a replica, and the runner that the reference has for it. */
  private record Held(int replica, Claim claim, Runner model) {}

  /** A claim that is run. */
  private record Running(Held held, Script script) {}

  /**
   * @param seen counts what happened
   */
  World(Rows rows, DatabaseTime time, List<Flow> flows, Map<String, Integer> seen)
      throws SQLException {
    this.seen = seen;
    this.rows = rows;
    this.time = time;
    this.reference = new Reference(flows);
    rows.begin(flows);
    clock.correct(time.set(0));
  }

  private static <T> T bean(Class<T> type) {
    return CDI.current().select(type).get();
  }

  /** Does it, here and there, and looks whether both are still the same. */
  void apply(Command command) throws Exception {
    if (act(command)) {
      compare();
    }
  }

  /**
   * Does both, while nobody gets a row before both wait for it, or need none; then they get it one
   * after the other.
   */
  void race(Command first, Command second) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> both = new ArrayList<>();
      try (Rows.Lock lock = rows.lock()) {
        for (Command command : List.of(first, second)) {
          both.add(threads.submit(() -> act(command)));
          await().atMost(SOON).until(() -> lock.waiting() == undone(both));
        }
        seen(undone(both) == 2 ? "race" : "no race");
      }
      for (Future<?> each : both) {
        each.get();
      }
    }
    compare();
  }

  private static long undone(List<Future<?>> all) {
    return all.stream().filter(each -> !each.isDone()).count();
  }

  private void seen(String what) {
    seen.merge(what, 1, Integer::sum);
  }

  /** Does it, here and there; {@code false} when there is nothing that it could be done to. */
  private boolean act(Command command) throws Exception {
    boolean done =
        switch (command) {
          case Command.Start start -> start(start.key(), start.body());
          case Command.Claim claim -> claim(claim.replica(), claim.run());
          case Command.Run run ->
              !claimed.isEmpty() && run(claimed.remove(run.claim() % claimed.size()));
          case Command.Let let ->
              !running.isEmpty() && let(pick(running, let.runner()), let.outcome());
          case Command.Crash crash -> !running.isEmpty() && crash(pick(running, crash.runner()));
          case Command.Pass pass -> pass(pass.minutes());
          case Command.Cancel cancel -> !ids.isEmpty() && cancel(cancel.execution() % ids.size());
          case Command.Retry retry -> !ids.isEmpty() && retry(retry.execution() % ids.size());
          case Command.Signal signal ->
              !ids.isEmpty() && signal(signal.execution() % ids.size(), signal.good());
          case Command.Renew renew -> renew(renew.replica());
          case Command.LookAfterLeases look -> lookAfterLeases(look.replica());
          case Command.Drain drain -> drain(drain.replica());
        };
    if (done) {
      seen(command.getClass().getSimpleName());
    }
    return done;
  }

  private static <T> T pick(List<T> from, int number) {
    return from.get(number % from.size());
  }

  private boolean start(int key, int body) {
    ExecutionService.Start start =
        new ExecutionService.Start(
            Json.object().put("body", body),
            Json.object(),
            "user",
            key == 0 ? null : "k" + key,
            null);
    @Nullable Keyed first = keyed.get(key);
    if (first != null && first.body() != body) {
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> service.start(rows.workspaceId(), rows.workflow(), start))
          .returns("idempotency_key_reused", Failure::code);
      return true;
    }
    if (first == null && ids.size() == MAX_EXECUTIONS) {
      return false;
    }
    Started started = service.start(rows.workspaceId(), rows.workflow(), start);
    assertThat(started.replayed()).isEqualTo(first != null);
    if (first != null) {
      assertThat(started.executionId()).isEqualTo(ids.get(first.execution()));
      return true;
    }
    if (key != 0) {
      keyed.put(key, new Keyed(body, ids.size()));
    }
    ids.add(started.executionId());
    percentages.add(0);
    reference.start();
    return true;
  }

  private boolean claim(int replica, boolean run) throws Exception {
    Map<UUID, Claim> claims = new HashMap<>();
    queue.claim(100).claims().forEach(claim -> claims.put(claim.executionId(), claim));
    List<Runner> expected = reference.claim();
    assertThat(claims.keySet())
        .as("claimed")
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(model -> id(model.execution)).toList());
    for (Runner model : expected) {
      Held held = new Held(replica, claims.get(id(model.execution)), model);
      rows.number(held.claim().token(), model);
      assertThat(held.claim().claims()).isEqualTo(model.claims);
      assertThat(seen(held.claim())).isEqualTo(seen(model));
      if (run) {
        run(held);
      } else {
        claimed.add(held);
      }
    }
    return true;
  }

  private static Map<String, String> seen(Claim claim) {
    Map<String, String> texts = new HashMap<>();
    claim
        .results()
        .forEach((path, result) ->
            texts.put(
                path,
                result.status()
                    + " "
                    + result.attempts()
                    + (result.pause() == null ? "" : " " + result.pause())));
    return texts;
  }

  private static Map<String, String> seen(Runner model) {
    Map<String, String> texts = new HashMap<>();
    model
        .view()
        .forEach((path, step) ->
            texts.put(
                path,
                step.status()
                    + " "
                    + step.attempts()
                    + (step.pause() == null ? "" : " " + step.pause())));
    return texts;
  }

  private UUID id(Execution execution) {
    return ids.get(reference.executions.indexOf(execution));
  }

  private boolean run(Held held) throws Exception {
    Lease lease = EngineDatabase.lease(held.claim());
    held.model().run();
    Running started = new Running(held, Script.of(lease, () -> runner.run(held.claim(), lease)));
    if (held.claim().claims() > Reference.MAX_CLAIMS) {
      seen("poisoned");
    }
    running.add(started);
    stop(started);
    return true;
  }

  private boolean let(Running runs, Outcome outcome) throws Exception {
    if (!runs.held().model().holds()) {
      seen("zombie");
    }
    runs.held().model().let(outcome);
    runs.script().let(outcome);
    stop(runs);
    return true;
  }

  /** Both are at the same step, at the same attempt; or both are done. */
  private void stop(Running runs) throws Exception {
    Runner model = runs.held().model();
    Script.Stop expected =
        model.ended ? new Script.Stop(null, 0) : new Script.Stop(model.at.path(), model.attempt);
    assertThat(runs.script().stop()).isEqualTo(expected);
    if (model.ended) {
      running.remove(runs);
    }
    flush();
  }

  /** Until what nobody waits for is durable too. */
  private void flush() {
    Claim nobody =
        new Claim(
            UUID.randomUUID(),
            UUID.randomUUID(),
            rows.workspaceId(),
            rows.workspaceId(),
            1,
            Json.object(),
            "user",
            1,
            0,
            clock.now(),
            true,
            TraceParent.ofExecution(new UUID(0, 1)),
            new HashMap<>());
    JournalEntry last = EngineDatabase.entry(nobody);
    journal.append(last);
    last.written().join();
  }

  private boolean crash(Running runs) throws Exception {
    running.remove(runs);
    runs.script().crash();
    return true;
  }

  private boolean pass(int minutes) throws SQLException {
    reference.now += minutes;
    clock.correct(time.set(reference.now));
    return true;
  }

  private boolean cancel(int execution) {
    String id = ids.get(execution).toString();
    Execution model = reference.executions.get(execution);
    if (model.cancel()) {
      Shown expected = shown(model);
      see(execution, expected, cancellation.cancel(rows.workspaceId(), id));
    } else {
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> cancellation.cancel(rows.workspaceId(), id))
          .returns("execution_finished", Failure::code);
    }
    return true;
  }

  private boolean retry(int execution) {
    String id = ids.get(execution).toString();
    Execution model = reference.executions.get(execution);
    if (model.retry()) {
      Shown expected = shown(model);
      see(execution, expected, service.retry(rows.workspaceId(), id));
    } else {
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> service.retry(rows.workspaceId(), id))
          .returns("execution_not_retryable", Failure::code);
    }
    return true;
  }

  /** What a client is shown. */
  private record Shown(ExecutionStatus status, int percentage) {}

  private static Shown shown(Execution model) {
    return new Shown(model.status, model.percentage());
  }

  private void see(int execution, Shown expected, ExecutionView view) {
    int percentage = view.progress().percentage();
    assertThat(new Shown(view.status(), percentage)).isEqualTo(expected);
    assertThat(percentage).isGreaterThanOrEqualTo(percentages.get(execution));
    percentages.set(execution, percentage);
    assertThat(view.steps()).hasSize(reference.layout.size());
  }

  /** Some step: the one that waits, if one does. */
  private boolean signal(int execution, boolean good) {
    Execution model = reference.executions.get(execution);
    String path = Objects.requireNonNullElse(model.awaiting(), "0");
    model.signal(path, good);
    QuarkusTransaction.requiringNew()
        .run(() ->
            signals.signal(
                ids.get(execution),
                path,
                Json.object()
                    .set(
                        good ? "output" : "error",
                        Json.object().put("code", "said").put("message", "so"))));
    return true;
  }

  private List<Held> claimedBy(int replica) {
    return claimed.stream().filter(held -> held.replica() == replica).toList();
  }

  private List<Running> runningOn(int replica) {
    return running.stream().filter(runs -> runs.held().replica() == replica).toList();
  }

  private List<Lease> leases(int replica) {
    List<Lease> leases = new ArrayList<>();
    claimedBy(replica).forEach(held -> leases.add(EngineDatabase.lease(held.claim())));
    runningOn(replica).forEach(runs -> leases.add(runs.script().lease()));
    return leases;
  }

  private boolean renew(int replica) throws SQLException {
    claimedBy(replica).forEach(held -> held.model().renew());
    runningOn(replica).forEach(runs -> runs.held().model().renew());
    queue.renew(leases(replica));
    return true;
  }

  private boolean lookAfterLeases(int replica) throws Exception {
    List<Running> all = runningOn(replica);
    List<UUID> held =
        all.stream()
            .filter(runs -> runs.held().model().holds())
            .map(runs -> id(runs.held().model().execution))
            .toList();
    assertThat(queue.stillHeld(all.stream().map(runs -> runs.script().lease()).toList()))
        .containsExactlyInAnyOrderElementsOf(held);
    for (Running runs : all) {
      if (!runs.held().model().holds()) {
        crash(runs);
      }
    }
    return true;
  }

  private boolean drain(int replica) throws Exception {
    List<Lease> leases = leases(replica);
    for (Running runs : runningOn(replica)) {
      crash(runs);
      runs.held().model().giveBack();
    }
    claimedBy(replica).forEach(held -> held.model().giveBack());
    claimed.removeIf(held -> held.replica() == replica);
    queue.giveBack(leases);
    return true;
  }

  private void compare() throws SQLException {
    assertThat(rows.texts()).isEqualTo(Rows.texts(reference));
  }

  /** Whatever happened, in a world that works every execution ends; and then nothing moves it. */
  void end() throws Exception {
    for (int i = 0; i < ENOUGH && !isOver(); i++) {
      while (!running.isEmpty()) {
        let(running.getFirst(), Outcome.SUCCESS);
      }
      while (!claimed.isEmpty()) {
        run(claimed.removeFirst());
      }
      for (int execution = 0; execution < ids.size(); execution++) {
        if (reference.executions.get(execution).awaiting() != null) {
          signal(execution, true);
        }
      }
      claim(0, true);
      if (running.isEmpty()) {
        pass(2_000);
      }
    }
    compare();
    assertThat(reference.executions).allMatch(execution -> execution.status.isTerminal());
    for (int execution = 0; execution < ids.size(); execution++) {
      Execution model = reference.executions.get(execution);
      String id = ids.get(execution).toString();
      see(execution, shown(model), queries.view(rows.workspaceId(), id));
      seen(model.status.name());
    }
    assertThat(rows.counted()).isEqualTo(Rows.counted(reference));
  }

  private boolean isOver() {
    return running.isEmpty()
        && claimed.isEmpty()
        && reference.executions.stream().allMatch(execution -> execution.status.isTerminal());
  }

  @Override
  public void close() throws InterruptedException {
    for (Running runs : running) {
      runs.script().crash();
    }
  }
}
