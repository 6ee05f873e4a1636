package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.engine.Reference.Execution;
import io.stepwell.engine.Reference.Outcome;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.TraceParent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** What replicas do, done by hand: each claim is run by a {@link Script}, and by the reference. */
final class Workers implements AutoCloseable {
  /** As a replica that is driven by hand has them, with slots for all. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "stepwell.engine.lease",
          Reference.LEASE + "m",
          "stepwell.engine.max-claims",
          String.valueOf(Reference.MAX_CLAIMS));

  private final TestReplica queue =
      new TestReplica(World.ofEngine(), SETTINGS, World.bean(DatabaseClock.class));
  private final ExecutionRunner runner = World.bean(ExecutionRunner.class);
  private final Journal journal = World.bean(Journal.class);
  private final DatabaseClock clock = World.bean(DatabaseClock.class);

  private final Rows rows;
  private final Reference reference;
  private final Function<Execution, UUID> ids;
  private final Map<String, Integer> seen;
  private final List<Held> claimed = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();

  /** A claim of a replica, and the runner that the reference has for it. */
  private record Held(int replica, Claim claim, ReferenceRunner model) {}

  /** A claim that is run. */
  private record Running(Held held, Script script) {}

  /**
   * @param ids of the executions that the reference has
   * @param seen counts what happened
   */
  Workers(
      Rows rows, Reference reference, Function<Execution, UUID> ids, Map<String, Integer> seen) {
    this.seen = seen;
    this.rows = rows;
    this.reference = reference;
    this.ids = ids;
  }

  boolean areIdle() {
    return claimed.isEmpty() && running.isEmpty();
  }

  /** Everything that was claimed is run, and every attempt succeeds. */
  void workOff() throws Exception {
    while (!areIdle()) {
      if (!let(0, Outcome.SUCCESS)) {
        run(0);
      }
    }
  }

  boolean claim(int replica, boolean run) throws Exception {
    Map<UUID, Claim> claims = new HashMap<>();
    // whom a replica runs apart, and when, is left to chance; that it does is tested elsewhere
    queue.claim(100, 100).claims().forEach(claim -> claims.put(claim.executionId(), claim));
    List<ReferenceRunner> expected = reference.claim();
    assertThat(claims.keySet())
        .as("claimed")
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(model -> ids.apply(model.execution)).toList());
    for (ReferenceRunner model : expected) {
      Held held = new Held(replica, claims.get(ids.apply(model.execution)), model);
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

  private static Map<String, String> seen(ReferenceRunner model) {
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

  /** Runs one of those that were claimed. */
  boolean run(int which) throws Exception {
    return !claimed.isEmpty() && run(claimed.remove(which % claimed.size()));
  }

  private boolean run(Held held) throws Exception {
    Lease lease = EngineDatabase.lease(held.claim());
    held.model().run();
    Running started = new Running(held, Script.of(lease, () -> runner.run(held.claim(), lease)));
    if (held.claim().claims() > Reference.MAX_CLAIMS) {
      seen.merge("poisoned", 1, Integer::sum);
    }
    running.add(started);
    stop(started);
    return true;
  }

  /** Ends the attempt of one of the runners. */
  boolean let(int which, Outcome outcome) throws Exception {
    if (running.isEmpty()) {
      return false;
    }
    Running runs = running.get(which % running.size());
    if (!runs.held().model().holds()) {
      seen.merge("zombie", 1, Integer::sum);
    }
    runs.held().model().let(outcome);
    runs.script().let(outcome);
    stop(runs);
    return true;
  }

  /** Both are at the same step, at the same attempt; or both are done. */
  private void stop(Running runs) throws Exception {
    ReferenceRunner model = runs.held().model();
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

  boolean crash(int which) throws InterruptedException {
    if (running.isEmpty()) {
      return false;
    }
    crash(running.get(which % running.size()));
    return true;
  }

  private void crash(Running runs) throws InterruptedException {
    running.remove(runs);
    runs.script().crash();
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

  boolean renew(int replica) throws SQLException {
    claimedBy(replica).forEach(held -> held.model().renew());
    runningOn(replica).forEach(runs -> runs.held().model().renew());
    queue.renew(leases(replica));
    return true;
  }

  boolean lookAfterLeases(int replica) throws Exception {
    List<Running> all = runningOn(replica);
    List<UUID> held =
        all.stream()
            .filter(runs -> runs.held().model().holds())
            .map(runs -> ids.apply(runs.held().model().execution))
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

  boolean drain(int replica) throws Exception {
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

  @Override
  public void close() throws InterruptedException {
    for (Running runs : List.copyOf(running)) {
      crash(runs);
    }
  }
}
