package io.stepwell.execution;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Loop;
import io.stepwell.workspace.WorkspaceDeleted;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Cancels what is unfinished in a deleted workspace: nobody could see or stop it there. It begins
 * as soon as the workspace is deleted, by this replica; whatever it leaves undone, a look after old
 * rows does.
 */
@Singleton
class DeletedWorkspaces {
  private static final Logger LOG = Logger.getLogger(DeletedWorkspaces.class);
  private static final int BATCH = 200;
  private static final int TRIES = 10;
  private static final int MOST_TOLD = 1_000;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final UUID STOP = new UUID(0, 0);

  // it takes the place in the queue first, as every fenced write does, and passes over what another
  // session works on; who runs it finds its lease gone. Nobody will look at steps that had not
  // begun
  private static final String CANCEL =
      """
      with taken as materialized (
        select q.workspace_id, q.execution_id
        from execution_queue q
        join execution e on e.workspace_id = q.workspace_id and e.id = q.execution_id
        where q.workspace_id = ?
        order by q.execution_id
        limit ?
        for update of q, e skip locked
      ), steps as (
        update step_run s
        set status = 'CANCELLED', change = s.change + 1, finished_at = now(), output = null,
          pause = null, resume_at = null, signal = null
        from taken t
        where s.workspace_id = t.workspace_id and s.execution_id = t.execution_id
          and s.status = 'RUNNING'
      ), changed as (
        update execution e
        set status = 'CANCELLED', finished_at = now()
        from taken t
        join execution old on old.workspace_id = t.workspace_id and old.id = t.execution_id
        where e.workspace_id = t.workspace_id and e.id = t.execution_id
        returning e.id, e.workspace_id, e.workflow_id, e.created_at, e.started_at, e.status,
          e.finished_at, old.status as old_status, old.finished_at as old_finished_at
      ), left_the_queue as (
        delete from execution_queue q
        using taken t
        where q.workspace_id = t.workspace_id and q.execution_id = t.execution_id
      ), noted as (
      %s)
      select t.execution_id from taken t
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  private static final String UNFINISHED =
      "select exists (select 1 from execution_queue q where q.workspace_id = ?)";

  private final DataSource database;
  private final ExecutionChanges changes;
  private final Counter count;
  private final BlockingQueue<UUID> told = new LinkedBlockingQueue<>(MOST_TOLD);
  private final Loop loop = Loop.of("deleted-workspaces", this::turn);

  DeletedWorkspaces(
      @Named("instance") DataSource database, ExecutionChanges changes, MeterRegistry metrics) {
    this.database = database;
    this.changes = changes;
    this.count = metrics.counter("stepwell.executions.finished", "status", "CANCELLED");
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  void stop(@Observes ShutdownEvent event) {
    loop.stop();
    told.offer(STOP);
  }

  void cancelAll(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    // one too many is left for the next look after old rows
    told.offer(deleted.workspaceId());
  }

  private boolean turn() throws InterruptedException {
    @Nullable UUID workspaceId = told.poll(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS);
    if (workspaceId != null && !workspaceId.equals(STOP)) {
      cancelAll(workspaceId);
    }
    return false;
  }

  private void cancelAll(UUID workspaceId) throws InterruptedException {
    for (int turn = 1; turn <= TRIES; turn++) {
      try {
        if (cancelUnlocked(workspaceId)) {
          return;
        }
      } catch (SQLException | RuntimeException e) {
        // whatever it is, it is tried again, and left for the next look after old rows in the end
        LOG.warnf("what runs in a deleted workspace cannot be cancelled: %s", e.getMessage());
      }
      if (!loop.rest(PAUSE)) {
        return;
      }
    }
  }

  /** Cancels all that nobody works on just now; whether nothing is left. */
  boolean cancelUnlocked(UUID workspaceId) throws SQLException {
    try (Connection connection = database.getConnection()) {
      while (!loop.isStopping() && cancelBatch(connection, workspaceId) > 0) {
        LOG.debugf("cancelled a batch of the deleted workspace %s", workspaceId);
      }
      try (PreparedStatement statement = connection.prepareStatement(UNFINISHED)) {
        statement.setObject(1, workspaceId);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return !row.getBoolean(1);
        }
      }
    }
  }

  /** Cancels some; how many. */
  int cancelBatch(Connection connection, UUID workspaceId) throws SQLException {
    List<UUID> cancelled = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(CANCEL)) {
      statement.setObject(1, workspaceId);
      statement.setInt(2, BATCH);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          cancelled.add(row.getObject(1, UUID.class));
        }
      }
    }
    count.increment(cancelled.size());
    cancelled.forEach(changes::changed);
    return cancelled.size();
  }
}
