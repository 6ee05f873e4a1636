package io.stepwell.execution;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Notices what other replicas did to executions that somebody watches here: one query for all of
 * them, twice a second, and none while nobody watches.
 */
@ApplicationScoped
class RemoteChanges {
  private static final Logger LOG = Logger.getLogger(RemoteChanges.class);
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
  private final CountDownLatch stopped = new CountDownLatch(1);
  // what was last seen of each watched execution; only the one loop touches it
  private final Map<UUID, String> seen = new HashMap<>();

  RemoteChanges(@Named("engine") DataSource database, ExecutionChanges changes) {
    this.database = database;
    this.changes = changes;
  }

  void start(@Observes StartupEvent event) {
    Thread.ofVirtual().name("remote-changes").start(this::loop);
  }

  void stop(@Observes ShutdownEvent event) {
    stopped.countDown();
  }

  private void loop() {
    try {
      while (!stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          look();
        } catch (SQLException | RuntimeException e) {
          // the loop outlives a lost database: the next turn tries again
          LOG.warnf("cannot look for changes by other replicas: %s", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws SQLException {
    List<UUID> watched = changes.watched();
    seen.keySet().retainAll(new HashSet<>(watched));
    if (watched.isEmpty()) {
      return;
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
  }
}
