package io.stepwell.execution;

import io.stepwell.kernel.Ids;
import io.stepwell.kernel.SqlTrouble;
import io.stepwell.workspace.Retention;
import io.stepwell.workspace.RetentionTimes;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Deletes executions that ended long ago, oldest first, and all of a deleted workspace.
 *
 * <p>An execution with an idempotency key stays for {@link #KEY} at least, so that a repeated
 * request finds it.
 */
@Singleton
@Priority(Retention.EXECUTIONS)
class ExecutionRetention implements Retention {
  static final Duration KEY = Duration.ofHours(24);
  static final int EXECUTIONS = 200;
  static final int STEPS = 1_000;
  private static final int LOOKED_AT = 500;

  // in the order of the key, which is that of their creation: what is unfinished, or ended lately,
  // is
  // passed over once a look, and nobody has to write an index of when executions ended
  private static final String OLDEST =
      """
      select e.id, e.total_steps,
        e.finished_at < ? and (e.idempotency_key is null or e.created_at < ?)
      from execution e
      where e.workspace_id = ? and e.id > ? and e.id < ?
      order by e.id
      limit ?
      """;

  private static final String BOUND =
      "select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '30s', true)";

  // race: one that is retried since is not ended any more, or is locked by that
  private static final String LOCK =
      """
      select e.id
      from execution e
      where e.workspace_id = ? and e.id = any(?) and e.finished_at < ?
      order by e.id
      for update skip locked
      """;

  private final RetentionTimes times;
  private final ExecutionRows rows;
  private final DeletedWorkspaces deleted;

  ExecutionRetention(RetentionTimes times, ExecutionRows rows, DeletedWorkspaces deleted) {
    this.times = times;
    this.rows = rows;
    this.deleted = deleted;
  }

  @Override
  public Sweep of(Subject workspace) {
    if (workspace.deleted()) {
      UUID id = workspace.workspaceId();
      Sweep purge = new Purge(id, times.now().plus(KEY), times.now().plus(KEY));
      return connection -> deleted.cancelBatch(connection, id) > 0 || purge.batch(connection);
    }
    Optional<Instant> before = times.executionsBefore(workspace.retentionDays());
    return before.isEmpty()
        ? Sweep.NOTHING
        : new Purge(workspace.workspaceId(), before.get(), times.now().minus(KEY));
  }

  /** One look at the executions of a workspace, from the oldest on. */
  private final class Purge implements Sweep {
    private final UUID workspaceId;
    private final Instant endedBefore;
    private final Instant keyedBefore;
    private UUID after = new UUID(0, 0);
    private boolean more;

    Purge(UUID workspaceId, Instant endedBefore, Instant keyedBefore) {
      this.workspaceId = workspaceId;
      this.endedBefore = endedBefore;
      this.keyedBefore = keyedBefore;
    }

    @Override
    public boolean batch(Connection connection) throws SQLException {
      List<UUID> old = oldest(connection);
      if (old.isEmpty()) {
        return more;
      }
      connection.setAutoCommit(false);
      try {
        int deleted = delete(connection, old);
        connection.commit();
        Retention.count("execution", deleted);
      } catch (SQLException e) {
        connection.rollback();
        if (SqlTrouble.of(e) != SqlTrouble.LOCK) {
          throw e;
        }
        // somebody works on a row of one of them: the next look finds them again
      } finally {
        connection.setAutoCommit(true);
      }
      return more;
    }

    /** What is old among the next ones, as many as one transaction should delete. */
    private List<UUID> oldest(Connection connection) throws SQLException {
      List<UUID> old = new ArrayList<>();
      int looked = 0;
      int steps = 0;
      try (PreparedStatement statement = connection.prepareStatement(OLDEST)) {
        statement.setObject(1, time(endedBefore));
        statement.setObject(2, time(keyedBefore));
        statement.setObject(3, workspaceId);
        statement.setObject(4, after);
        statement.setObject(5, Ids.firstAt(endedBefore));
        statement.setInt(6, LOOKED_AT);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            looked++;
            if (row.getBoolean(3)) {
              steps += row.getInt(2);
              if (old.size() == EXECUTIONS || !old.isEmpty() && steps > STEPS) {
                more = true;
                return old;
              }
              old.add(row.getObject(1, UUID.class));
            }
            after = row.getObject(1, UUID.class);
          }
        }
      }
      more = looked == LOOKED_AT;
      return old;
    }

    private int delete(Connection connection, List<UUID> old) throws SQLException {
      try (PreparedStatement bound = connection.prepareStatement(BOUND)) {
        bound.execute();
      }
      List<UUID> locked = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
        statement.setObject(1, workspaceId);
        statement.setArray(2, connection.createArrayOf("uuid", old.toArray()));
        statement.setObject(3, time(endedBefore));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            locked.add(row.getObject(1, UUID.class));
          }
        }
      }
      if (!locked.isEmpty()) {
        rows.delete(connection, workspaceId, locked);
      }
      return locked.size();
    }
  }

  private static OffsetDateTime time(Instant time) {
    return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
  }
}
