package io.stepwell.engine;

import io.stepwell.kernel.UnnestColumns;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Prolongs leases and gives them back. It never waits for a lock: what another session has locked
 * stays as it is.
 */
@ApplicationScoped
class LeaseRows {
  // locked in the order of the keys, as the journal does, so that the two never deadlock
  private static final String HELD =
      """
      with held as (
        select q.workspace_id, q.execution_id, clock_timestamp() as at
        from unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
        join execution_queue q
          on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
            and q.lease_token = o.token
        order by q.workspace_id, q.execution_id
        for no key update of q skip locked
      )
      """;

  // by the clock as it is when the row is found, however long the statement has taken until then
  private static final String RENEW =
      HELD
          + """
          update execution_queue q
          set due_at = held.at + ? * interval '1 millisecond'
          from held
          where q.workspace_id = held.workspace_id and q.execution_id = held.execution_id
          returning q.execution_id
          """;

  private static final String STILL_HELD =
      """
      select q.execution_id
      from unnest(?::uuid[], ?::uuid[], ?::uuid[]) o (workspace_id, execution_id, token)
      join execution_queue q
        on q.workspace_id = o.workspace_id and q.execution_id = o.execution_id
          and q.lease_token = o.token
      """;

  private static final String GIVE_BACK =
      HELD
          + """
          update execution_queue q
          set due_at = now() + ? * interval '1 millisecond', lease_token = null,
            claims = greatest(q.claims - 1, 0)
          from held
          where q.workspace_id = held.workspace_id and q.execution_id = held.execution_id
          returning q.execution_id
          """;

  private final DataSource database;
  private final EngineConfig config;
  private final EngineMetrics metrics;

  LeaseRows(@Named("engine") DataSource database, EngineConfig config, EngineMetrics metrics) {
    this.database = database;
    this.config = config;
    this.metrics = metrics;
  }

  /**
   * Prolongs the leases that are still ours.
   *
   * @return the executions whose lease was prolonged
   */
  Set<UUID> renew(Collection<Lease> leases) throws SQLException {
    Set<UUID> renewed = changed(RENEW, leases, config.lease());
    metrics.renewed(renewed.size());
    return renewed;
  }

  /** The executions whose lease is still ours. */
  Set<UUID> stillHeld(Collection<Lease> leases) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(STILL_HELD)) {
      return executions(connection, statement, leases);
    }
  }

  /** Lets other replicas have what this one will not finish, at once. */
  Set<UUID> giveBack(Collection<Lease> leases) throws SQLException {
    return giveBack(leases, Duration.ZERO);
  }

  /**
   * Lets any replica have what this one cannot go on with now, after a delay and as if it had not
   * been claimed.
   *
   * @return the executions that were given back; the others are ours no more, or locked
   */
  Set<UUID> giveBack(Collection<Lease> leases, Duration delay) throws SQLException {
    return changed(GIVE_BACK, leases, delay);
  }

  private Set<UUID> changed(String sql, Collection<Lease> leases, Duration time)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(4, time.toMillis());
      return executions(connection, statement, leases);
    }
  }

  private Set<UUID> executions(
      Connection connection, PreparedStatement statement, Collection<Lease> leases)
      throws SQLException {
    // a lease that nobody could prolong in this time is lost
    statement.setQueryTimeout((int) Math.max(1, config.lease().toSeconds() / 3));
    UnnestColumns<Lease> columns = new UnnestColumns<>(connection, statement, List.copyOf(leases));
    columns.add("uuid", Lease::workspaceId);
    columns.add("uuid", Lease::executionId);
    columns.add("uuid", Lease::token);
    Set<UUID> executions = new HashSet<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        executions.add(rows.getObject(1, UUID.class));
      }
    }
    return executions;
  }
}
