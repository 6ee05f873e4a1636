package io.stepwell.execution;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Loop;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Notices what other replicas did to executions that somebody watches here: one query for all of
 * them, twice a second, and none while nobody watches.
 */
@ApplicationScoped
class RemoteChanges {
  private static final Duration INTERVAL = Duration.ofMillis(400);

  private static final String STATE =
      """
      select e.id, e.status, greatest(e.change, coalesce(
        (select max(s.change) from step_run s where s.execution_id = e.id), 0))
      from execution e
      where e.id = any(?)
      """;

  private final DataSource database;
  private final ExecutionChanges changes;
  private final Loop loop = Loop.essential("remote-changes", this::look);
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

  private boolean look() throws SQLException, InterruptedException {
    if (!loop.rest(INTERVAL)) {
      return false;
    }
    List<UUID> watched = changes.watched();
    seen.keySet().retainAll(new HashSet<>(watched));
    if (watched.isEmpty()) {
      return false;
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(STATE)) {
      statement.setArray(1, connection.createArrayOf("uuid", watched.toArray()));
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
    return false;
  }
}
