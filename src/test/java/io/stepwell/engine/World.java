package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.engine.Command.Kind;
import io.stepwell.engine.Reference.Execution;
import io.stepwell.execution.ExecutionCancellation;
import io.stepwell.execution.ExecutionQueries;
import io.stepwell.execution.ExecutionRetry;
import io.stepwell.execution.ExecutionService;
import io.stepwell.execution.ExecutionService.Started;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.ExecutionView;
import io.stepwell.execution.StepSignals;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.workspace.WorkspaceScope;
import jakarta.enterprise.inject.literal.NamedLiteral;
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
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The engine on its database and the reference, which must go the same way: every command is given
 * to both, and their executions compared.
 */
final class World implements AutoCloseable {
  private static final int MAX_EXECUTIONS = 3;
  private static final int ENOUGH = 40;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final DatabaseClock clock = bean(DatabaseClock.class);
  private final ExecutionService service = bean(ExecutionService.class);
  private final ExecutionRetry retries = bean(ExecutionRetry.class);
  private final ExecutionCancellation cancellation = bean(ExecutionCancellation.class);
  private final ExecutionQueries queries = bean(ExecutionQueries.class);
  private final StepSignals signals = bean(StepSignals.class);

  private final DatabaseTime time;
  private final Rows rows;
  private final Reference reference;
  private final Workers workers;
  private final List<UUID> ids = new ArrayList<>();
  private final Map<Integer, Keyed> keyed = new HashMap<>();
  private final List<Integer> percentages = new ArrayList<>();
  private final Map<String, Integer> seen;

  private record Keyed(int body, int execution) {}

  /**
   * @param seen counts what happened
   */
  World(Rows rows, DatabaseTime time, List<Flow> flows, Map<String, Integer> seen)
      throws SQLException {
    this.seen = seen;
    this.rows = rows;
    this.time = time;
    this.reference = new Reference(flows);
    this.workers =
        new Workers(rows, reference, model -> ids.get(reference.executions.indexOf(model)), seen);
    rows.begin(flows);
    clock.correct(time.set(0));
  }

  static <T> T bean(Class<T> type) {
    return CDI.current().select(type).get();
  }

  static DataSource ofEngine() {
    return CDI.current().select(DataSource.class, NamedLiteral.of("engine")).get();
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
          case Command.Start start -> asRequest(() -> start(start.key(), start.body()));
          case Command.Claim claim -> workers.claim(claim.replica(), claim.run());
          case Command.Run run -> workers.run(run.claim());
          case Command.Let let -> workers.let(let.runner(), let.outcome());
          case Command.Crash crash -> workers.crash(crash.runner());
          case Command.Pass pass -> pass(pass.minutes());
          case Command.Cancel cancel ->
              !ids.isEmpty() && asRequest(() -> cancel(cancel.execution() % ids.size()));
          case Command.Retry retry ->
              !ids.isEmpty() && asRequest(() -> retry(retry.execution() % ids.size()));
          case Command.Signal signal ->
              !ids.isEmpty()
                  && asRequest(() -> signal(signal.execution() % ids.size(), signal.kind()));
          case Command.Renew renew -> workers.renew(renew.replica());
          case Command.LookAfterLeases look -> workers.lookAfterLeases(look.replica());
          case Command.Drain drain -> workers.drain(drain.replica());
        };
    if (done) {
      seen(command.getClass().getSimpleName());
    }
    return done;
  }

  private boolean asRequest(Supplier<Boolean> what) {
    return WorkspaceScope.call(rows.workspaceId(), what);
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
      see(execution, expected, retries.retry(rows.workspaceId(), id));
    } else {
      assertThatExceptionOfType(Failure.class)
          .isThrownBy(() -> retries.retry(rows.workspaceId(), id))
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

  private boolean signal(int execution, Kind kind) {
    Execution model = reference.executions.get(execution);
    boolean good = kind == Kind.GOOD;
    String path =
        kind == Kind.STRAY ? "none" : Objects.requireNonNullElse(model.awaiting(), "none");
    model.signal(path, good);
    QuarkusTransaction.requiringNew()
        .run(() ->
            signals.signal(
                rows.workspaceId(),
                ids.get(execution),
                path,
                Json.object()
                    .set(
                        good ? "output" : "error",
                        Json.object().put("code", "said").put("message", "so"))));
    return true;
  }

  private void compare() throws SQLException {
    assertThat(rows.texts()).isEqualTo(Rows.texts(reference));
  }

  /** Whatever happened, in a world that works every execution ends; and then nothing moves it. */
  void end() throws Exception {
    for (int i = 0; i < ENOUGH && !isOver(); i++) {
      workers.workOff();
      for (int execution = 0; execution < ids.size(); execution++) {
        if (reference.executions.get(execution).awaiting() != null) {
          int waiting = execution;
          asRequest(() -> signal(waiting, Kind.GOOD));
        }
      }
      workers.claim(0, true);
      if (workers.areIdle()) {
        pass(2_000);
      }
    }
    compare();
    assertThat(reference.executions).allMatch(execution -> execution.status.isTerminal());
    for (int execution = 0; execution < ids.size(); execution++) {
      Execution model = reference.executions.get(execution);
      String id = ids.get(execution).toString();
      see(
          execution,
          shown(model),
          WorkspaceScope.call(rows.workspaceId(), () -> queries.view(rows.workspaceId(), id)));
      seen(model.status.name());
    }
    assertThat(rows.counted()).isEqualTo(Rows.counted(reference));
  }

  private boolean isOver() {
    return workers.areIdle()
        && reference.executions.stream().allMatch(execution -> execution.status.isTerminal());
  }

  @Override
  public void close() throws InterruptedException {
    workers.close();
  }
}
