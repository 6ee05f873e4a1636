package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.FairBudget;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.SqlTrouble;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stores executions that are accepted, those that arrive together with one commit. Thread-safe.
 *
 * <p>While one group is being committed the next one gathers: alone, a request waits for its own
 * commit and nothing else. What this replica has a slot for is stored with a lease and starts at
 * once; the rest is due in the queue.
 */
@ApplicationScoped
class Intake {
  private static final Logger LOG = Logger.getLogger(Intake.class);
  private static final int LARGEST_GROUP = 256;
  private static final int LARGEST_GROUP_BYTES = 8 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int TRIES = 4;

  // of the heap, for what waits to be stored; a workspace gets half of what the others leave
  private static final int SHARE_OF_HEAP = 8;
  private static final double SHARE_OF_WORKSPACE = 0.5;

  private final AcceptedRows rows;
  private final ImmediateStart starts;
  private final ExecutionChanges changes;
  private final Duration patience;
  private final Counter accepted;
  private final FairBudget bytes =
      new FairBudget(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, SHARE_OF_WORKSPACE);
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Arrival end =
      new Arrival(
          new ExecutionEntity(),
          Json.object(),
          false,
          Optional.empty(),
          CompletableFuture.completedFuture(false));
  // the first of the next group, where it did not fit into the last one
  private @Nullable Arrival leftOver;
  private final Loop loop = Loop.essential("intake", this::turn);

  @Inject
  Intake(
      @Named("engine") DataSource database,
      MeterRegistry metrics,
      ImmediateStart starts,
      ExecutionChanges changes) {
    this(database, metrics, starts, changes, PATIENCE);
  }

  /**
   * @param patience how long a request waits for the database
   */
  Intake(
      DataSource database,
      MeterRegistry metrics,
      ImmediateStart starts,
      ExecutionChanges changes,
      Duration patience) {
    this.rows = new AcceptedRows(database);
    this.starts = starts;
    this.changes = changes;
    this.accepted = metrics.counter("stepwell.executions.accepted");
    this.patience = patience;
  }

  void start(@Observes StartupEvent event) {
    start();
  }

  void start() {
    loop.start();
  }

  /** Stores what has arrived, then ends. */
  @PreDestroy
  void stop() throws InterruptedException {
    loop.stop(() -> arrivals.add(end), patience);
  }

  /**
   * Stores the execution and returns once it is durable.
   *
   * @param triggerData the same as in the execution, parsed
   * @param current whether its version must be the workflow's current one
   * @return false when nothing was stored: the workflow is not, or no longer, one that may be
   *     executed so, or its idempotency key has an execution already
   * @throws Failure UNAVAILABLE when the database does not answer in time; it may be stored all the
   *     same. LIMITED {@code overloaded} when too much of the workspace waits to be stored
   */
  boolean store(ExecutionEntity execution, JsonNode triggerData, boolean current) {
    Arrival arrival =
        new Arrival(execution, triggerData, current, Optional.empty(), new CompletableFuture<>());
    if (!bytes.take(execution.workspaceId, arrival.bytes())) {
      throw Failure.limited(
          "overloaded",
          "Too many bytes of this workspace wait to be stored.",
          Duration.ofSeconds(1));
    }
    try {
      arrivals.add(arrival);
      return stored(arrival);
    } finally {
      bytes.give(execution.workspaceId, arrival.bytes());
    }
  }

  private boolean stored(Arrival arrival) {
    try {
      return arrival.stored().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the execution cannot be stored", e.getCause());
    } catch (TimeoutException e) {
      // one that still waits in the queue is passed over there
      arrival.stored().cancel(false);
      throw Failure.of(
          Failure.Kind.UNAVAILABLE, "unavailable", "The database does not answer in time.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the execution is stored", e);
    }
  }

  /** How many executions wait for the group that is being stored. */
  int waiting() {
    return arrivals.size();
  }

  private boolean turn() throws InterruptedException {
    List<Arrival> group = new ArrayList<>();
    boolean goesOn = gather(group);
    group.removeIf(arrival -> arrival.stored().isDone());
    group.replaceAll(arrival -> arrival.with(starts.take(arrival.execution().workspaceId)));
    if (!group.isEmpty()) {
      store(group);
    }
    return goesOn;
  }

  /**
   * Takes what has arrived, as much as one transaction should carry; false when it was the last.
   */
  private boolean gather(List<Arrival> group) throws InterruptedException {
    @Nullable Arrival first = leftOver;
    leftOver = null;
    int gathered = 0;
    if (first != null) {
      group.add(first);
      gathered = first.bytes();
    }
    while (group.size() < LARGEST_GROUP) {
      @Nullable Arrival next =
          group.isEmpty() ? arrivals.poll(1, TimeUnit.SECONDS) : arrivals.poll();
      if (next == null) {
        return true;
      }
      if (next.equals(end)) {
        return false;
      }
      gathered += next.bytes();
      if (gathered > LARGEST_GROUP_BYTES && !group.isEmpty()) {
        leftOver = next;
        return true;
      }
      group.add(next);
    }
    return true;
  }

  /** Whatever goes wrong, everybody in the group is told, and the next group is served. */
  private void store(List<Arrival> group) {
    List<Arrival> rest = group;
    boolean doubtful = false;
    for (int turn = 1; ; turn++) {
      try {
        if (doubtful) {
          rest = settleStored(rest);
        }
        if (!rest.isEmpty()) {
          insert(rest, doubtful);
        }
        return;
      } catch (SQLException | RuntimeException e) {
        // whatever it is, the next group must be served
        SqlTrouble trouble = SqlTrouble.of(e);
        doubtful |= trouble == SqlTrouble.AWAY;
        boolean again = trouble == SqlTrouble.LOCK || trouble == SqlTrouble.AWAY;
        if (again && turn < TRIES && !waitedInVain(trouble)) {
          continue;
        }
        if (rest.size() > 1 && trouble != SqlTrouble.AWAY) {
          LOG.debugf("a group of %d cannot be stored at once: %s", rest.size(), e.getMessage());
          rest.forEach(arrival -> store(List.of(arrival)));
        } else {
          rest.forEach(arrival -> refuse(arrival, e));
        }
        return;
      }
    }
  }

  private void insert(List<Arrival> group, boolean doubtful) throws SQLException {
    long asked = System.nanoTime();
    Map<UUID, Instant> stored = rows.insert(group);
    if (doubtful && stored.size() < group.size()) {
      // race: the commit whose answer was lost came through just now, and this one met its rows
      stored.putAll(rows.stored(group));
    }
    settle(stored, group, asked);
  }

  /** The answer was lost, and what it was is known by looking; returns those that are missing. */
  private List<Arrival> settleStored(List<Arrival> group) throws SQLException {
    Map<UUID, Instant> stored = rows.stored(group);
    Map<Boolean, List<Arrival>> parts =
        group.stream().collect(Collectors.partitioningBy(a -> stored.containsKey(id(a))));
    for (Arrival arrival : parts.getOrDefault(true, List.of())) {
      // when its lease began is not known: it is due again when that lease ends
      arrival.slot().ifPresent(ImmediateStart.Slot::free);
      arrival.stored().complete(true);
    }
    accepted.increment(stored.size());
    return parts.getOrDefault(false, List.of());
  }

  private static void refuse(Arrival arrival, Exception cause) {
    arrival.slot().ifPresent(ImmediateStart.Slot::free);
    arrival.stored().completeExceptionally(cause);
  }

  private static UUID id(Arrival arrival) {
    return arrival.execution().id;
  }

  private void settle(Map<UUID, Instant> stored, List<Arrival> group, long asked) {
    accepted.increment(stored.size());
    boolean due = false;
    for (Arrival arrival : group) {
      @Nullable Instant at = stored.get(id(arrival));
      arrival.stored().complete(at != null);
      if (at == null) {
        arrival.slot().ifPresent(ImmediateStart.Slot::free);
      } else if (arrival.slot().isPresent()) {
        arrival
            .slot()
            .get()
            .start(
                new ImmediateStart.Accepted(arrival.execution(), arrival.triggerData(), at, asked));
      } else {
        due = true;
      }
    }
    if (due) {
      changes.due();
    }
  }

  /** A server that was lost a moment ago may be there again; true when this replica stops. */
  private boolean waitedInVain(SqlTrouble trouble) {
    try {
      return !loop.rest(Duration.ofMillis(trouble == SqlTrouble.AWAY ? 200 : 20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
