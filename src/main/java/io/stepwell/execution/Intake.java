package io.stepwell.execution;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.UnnestColumns;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stores executions that are accepted, those that arrive together with one commit. Thread-safe.
 *
 * <p>While one group is being committed the next one gathers: alone, a request waits for its own
 * commit and nothing else.
 */
@ApplicationScoped
class Intake {
  private static final Logger LOG = Logger.getLogger(Intake.class);
  private static final int LARGEST_GROUP = 256;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  // whether the workflow may be executed is asked here, where it counts: what the caller knows of
  // it may be old. Of parallel duplicates one is inserted; the others wait here for its commit
  private static final String ACCEPT =
      """
      with changed as (
        insert into execution
          (id, workspace_id, workflow_id, workflow_version, status, trigger_data, labels, user_id,
          idempotency_key, request_hash, created_at, total_steps, trace_parent, due_at)
        select r.id, r.workspace_id, r.workflow_id, r.workflow_version, 'PENDING',
          r.trigger_data::json, r.labels::jsonb, r.user_id, r.idempotency_key,
          decode(r.request_hash, 'hex'), r.created_at, r.total_steps, r.trace_parent, now()
        from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::int[], ?::boolean[], ?::text[], ?::text[],
            ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::int[], ?::text[])
          r (id, workspace_id, workflow_id, workflow_version, current, trigger_data, labels,
            user_id, idempotency_key, request_hash, created_at, total_steps, trace_parent)
        join workflow w on w.id = r.workflow_id
        where w.archived_at is null and w.enabled
          and (w.version = r.workflow_version or not r.current)
        on conflict (workflow_id, idempotency_key) where idempotency_key is not null do nothing
        returning id, workspace_id, workflow_id, created_at, started_at, status, finished_at,
          null as old_status, null::timestamptz as old_finished_at
      ), noted as (
      %s)
      select id from changed
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  /**
   * An execution that somebody waits for.
   *
   * @param current whether its version must be the workflow's current one
   */
  private record Arrival(
      ExecutionEntity execution, boolean current, CompletableFuture<Boolean> stored) {}

  private final DataSource database;
  private final Duration patience;
  private final Counter accepted;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Arrival end =
      new Arrival(new ExecutionEntity(), false, CompletableFuture.completedFuture(false));
  private Thread thread = Thread.currentThread();

  @Inject
  Intake(@Named("engine") DataSource database, MeterRegistry metrics) {
    this(database, metrics, PATIENCE);
  }

  /**
   * @param patience how long a request waits for the database
   */
  Intake(DataSource database, MeterRegistry metrics, Duration patience) {
    this.database = database;
    this.accepted = metrics.counter("stepwell.executions.accepted");
    this.patience = patience;
  }

  void start(@Observes StartupEvent event) {
    start();
  }

  void start() {
    thread = Thread.ofPlatform().name("intake").daemon().start(this::loop);
  }

  /** Stores what has arrived, then ends. */
  @PreDestroy
  void stop() throws InterruptedException {
    arrivals.add(end);
    if (thread != Thread.currentThread()) {
      thread.join(patience);
    }
  }

  /**
   * Stores the execution and returns once it is durable.
   *
   * @param current whether its version must be the workflow's current one
   * @return false when nothing was stored: the workflow is not, or no longer, one that may be
   *     executed so, or its idempotency key has an execution already
   * @throws Failure UNAVAILABLE when the database does not answer in time; it may be stored all the
   *     same
   */
  boolean store(ExecutionEntity execution, boolean current) {
    Arrival arrival = new Arrival(execution, current, new CompletableFuture<>());
    arrivals.add(arrival);
    try {
      return arrival.stored.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the execution cannot be stored", e.getCause());
    } catch (TimeoutException e) {
      // whoever still waits in the queue is passed over there
      arrival.stored.cancel(false);
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

  private void loop() {
    try {
      while (true) {
        List<Arrival> group = new ArrayList<>();
        group.add(arrivals.take());
        arrivals.drainTo(group, LARGEST_GROUP - 1);
        boolean last = group.remove(end);
        group.removeIf(arrival -> arrival.stored.isDone());
        if (!group.isEmpty()) {
          store(group);
        }
        if (last) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void store(List<Arrival> group) {
    try {
      Set<UUID> stored = insert(group);
      accepted.increment(stored.size());
      group.forEach(arrival -> arrival.stored.complete(stored.contains(arrival.execution.id)));
    } catch (SQLException | RuntimeException e) {
      // whatever it is, the next group must be served
      if (group.size() > 1 && isOfOneRow(e)) {
        LOG.debugf("a group of %d cannot be stored at once: %s", group.size(), e.getMessage());
        group.forEach(arrival -> store(List.of(arrival)));
      } else {
        group.forEach(arrival -> arrival.stored.completeExceptionally(e));
      }
    }
  }

  /**
   * Whether one bad row has failed its whole group, which was not stored then. After anything else,
   * a lost connection above all, nobody knows: storing again could store twice.
   */
  private static boolean isOfOneRow(Exception e) {
    return e instanceof SQLException sql
        && sql.getSQLState() != null
        && (sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23"));
  }

  private static @Nullable String hex(byte @Nullable [] bytes) {
    return bytes == null ? null : HexFormat.of().formatHex(bytes);
  }

  private Set<UUID> insert(List<Arrival> group) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(ACCEPT)) {
      UnnestColumns<Arrival> columns = new UnnestColumns<>(connection, statement, group);
      columns.add("uuid", arrival -> arrival.execution.id);
      columns.add("uuid", arrival -> arrival.execution.workspaceId);
      columns.add("uuid", arrival -> arrival.execution.workflowId);
      columns.add("int4", arrival -> arrival.execution.workflowVersion);
      columns.add("bool", Arrival::current);
      columns.add("text", arrival -> arrival.execution.triggerData);
      columns.add("text", arrival -> arrival.execution.labels);
      columns.add("text", arrival -> arrival.execution.userId);
      columns.add("text", arrival -> arrival.execution.idempotencyKey);
      columns.add("text", arrival -> hex(arrival.execution.requestHash));
      columns.add("timestamptz", arrival -> arrival.execution.createdAt.toString());
      columns.add("int4", arrival -> arrival.execution.totalSteps);
      columns.add("text", arrival -> arrival.execution.traceParent);
      Set<UUID> stored = new HashSet<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          stored.add(rows.getObject(1, UUID.class));
        }
      }
      return stored;
    }
  }
}
