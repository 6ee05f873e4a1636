package io.stepwell.execution;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges.Watched;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.UnnestColumns;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Notices what other replicas did to executions that are watched here: every 400 ms one query for
 * each thousand of them, and none while none is watched.
 */
@ApplicationScoped
class RemoteChanges {
  private static final Duration INTERVAL = Duration.ofMillis(400);
  private static final int BATCH = 1_000;

  // steps change under a lease only: what releases, finishes or cancels an execution writes down
  // the
  // number of the last change. So the steps of what waits need not be read, and most of what is
  // watched waits; what is leased is bounded by the slots of all replicas
  static final String STATE =
      """
      select e.id, e.status, greatest(e.change, q.change, c.change)
      from unnest(?::uuid[], ?::uuid[]) w (workspace_id, id)
      join execution e on e.workspace_id = w.workspace_id and e.id = w.id
      left join execution_queue q
        on q.workspace_id = w.workspace_id and q.execution_id = w.id
      left join lateral (
        select max(s.change) as change
        from step_run s
        where s.workspace_id = e.workspace_id and s.execution_id = e.id
          and q.lease_token is not null) c on true
      """;

  private final DataSource database;
  private final ExecutionChanges changes;
  private final Loop loop = Loop.essential("remote-changes", this::turn);
  // what was last seen of each watched execution; only the one loop touches it
  private final Map<UUID, String> seen = new HashMap<>();

  RemoteChanges(@Named("engine") DataSource database, ExecutionChanges changes) {
    this.database = database;
    this.changes = changes;
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  void stop(@Observes ShutdownEvent event) {
    loop.stop();
  }

  private boolean turn() throws SQLException, InterruptedException {
    if (loop.rest(INTERVAL)) {
      look();
    }
    return false;
  }

  /** Looks once at all that is watched. */
  void look() throws SQLException {
    List<Watched> watched = changes.watched();
    seen.keySet().retainAll(watched.stream().map(Watched::executionId).collect(Collectors.toSet()));
    for (int i = 0; i < watched.size(); i += BATCH) {
      look(watched.subList(i, Math.min(watched.size(), i + BATCH)));
    }
  }

  private void look(List<Watched> watched) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(STATE)) {
      UnnestColumns<Watched> columns = new UnnestColumns<>(connection, statement, watched);
      columns.add("uuid", Watched::workspaceId);
      columns.add("uuid", Watched::executionId);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          UUID id = rows.getObject(1, UUID.class);
          String state = rows.getString(2) + rows.getInt(3);
          if (!state.equals(seen.put(id, state))) {
            changes.tellWatches(id);
          }
        }
      }
    }
  }
}
