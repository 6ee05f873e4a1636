package io.stepwell.engine;

import io.stepwell.engine.JournalWriter.Locks;
import io.stepwell.kernel.UnnestColumns;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** Locks the leases that journal entries are written under, and fences them. */
final class JournalLeases {
  // the token fences: of an execution that is no longer ours no row matches. The lock holds off a
  // cancel until our rows are in, so that it sees them. What a stranger has locked is passed over;
  // where a later statement meets a lock, it waits only this long
  private static final String LOCK_HELD =
      """
      with bound as materialized (
        select set_config('lock_timeout', '100ms', true)
      )
      select q.execution_id, q.lease_token
      from bound
      cross join unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
      join execution_queue q
        on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
          and q.lease_token = o.token
      order by q.workspace_id, q.execution_id
      for no key update of q skip locked
      """;

  // the same with the execution's row, which some session may have locked
  private static final String LOCK_HELD_ENTIRELY =
      LOCK_HELD
          .replace(
              "order by",
              "join execution e on e.workspace_id = q.workspace_id and e.id = q.execution_id\n"
                  + "order by")
          .replace("of q skip", "of q, e skip");

  private static final String STILL_HELD =
      """
      select q.execution_id, q.lease_token
      from unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
      join execution_queue q
        on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
          and q.lease_token = o.token
      """;

  // due again soon, and counted: a record that is never taken must not bring it back for ever
  private static final String FENCE =
      """
      with held as (
        select q.workspace_id, q.execution_id
        from execution_queue q
        where q.workspace_id = ? and q.execution_id = ? and q.lease_token = ?
        for no key update of q skip locked
      )
      update execution_queue q
      set lease_token = null, due_at = now() + interval '1 second'
      from held
      where q.workspace_id = held.workspace_id and q.execution_id = held.execution_id
      """;

  private JournalLeases() {}

  /** The row of a lease. */
  record Held(UUID workspaceId, UUID executionId, UUID token) {
    static Held of(JournalEntry entry) {
      return new Held(entry.workspaceId(), entry.executionId(), entry.token());
    }
  }

  /** Locks those that are still held; the others are lost, or locked by another session. */
  static Set<Held> lock(Connection connection, List<Held> asked, Locks locks) throws SQLException {
    return select(connection, locks == Locks.EXPECT_NONE ? LOCK_HELD : LOCK_HELD_ENTIRELY, asked);
  }

  /** Those that are still held, whoever has locked them. */
  static Set<Held> stillHeld(Connection connection, List<Held> asked) throws SQLException {
    return select(connection, STILL_HELD, asked);
  }

  /**
   * Takes a lease away.
   *
   * @return false when another session has locked its row, and it has to be tried again
   */
  static boolean fence(Connection connection, Held lease) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FENCE)) {
      statement.setObject(1, lease.workspaceId());
      statement.setObject(2, lease.executionId());
      statement.setObject(3, lease.token());
      return statement.executeUpdate() > 0 || stillHeld(connection, List.of(lease)).isEmpty();
    }
  }

  private static Set<Held> select(Connection connection, String sql, List<Held> asked)
      throws SQLException {
    Map<UUID, UUID> workspaces = new HashMap<>();
    asked.forEach(one -> workspaces.put(one.executionId(), one.workspaceId()));
    Set<Held> held = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      UnnestColumns<Held> columns = new UnnestColumns<>(connection, statement, asked);
      columns.add("uuid", Held::workspaceId);
      columns.add("uuid", Held::executionId);
      columns.add("uuid", Held::token);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          UUID execution = rows.getObject(1, UUID.class);
          held.add(
              new Held(
                  Objects.requireNonNull(workspaces.get(execution)),
                  execution,
                  rows.getObject(2, UUID.class)));
        }
      }
    }
    return held;
  }
}
