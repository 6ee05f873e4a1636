package io.stepwell.workspace;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * Writes down when keys were last used: at most once a minute for a key, and beside the requests.
 */
@Singleton
public class KeyUse {
  private static final String USED =
      """
      update api_key
      set last_used_at = ?
      where workspace_id = ? and id = ? and (last_used_at is null or last_used_at < ?)
      """;

  private final DataSource database;
  private final Map<Key, Instant> noted = new ConcurrentHashMap<>();

  private record Key(UUID workspaceId, UUID id) {
    static final Comparator<Key> ORDER =
        Comparator.comparing(Key::workspaceId).thenComparing(Key::id);
  }

  KeyUse(@Named("instance") DataSource database) {
    this.database = database;
  }

  void note(UUID workspaceId, UUID keyId, Instant at) {
    noted.put(new Key(workspaceId, keyId), at);
  }

  @Scheduled(
      every = "60s",
      delayed = "60s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @RunOnVirtualThread
  void write() {
    // sorted: two replicas that write the same keys lock the rows in the same order
    Map<Key, Instant> batch = new TreeMap<>(Key.ORDER);
    noted.forEach((key, at) -> {
      if (noted.remove(key, at)) {
        batch.put(key, at);
      }
    });
    if (!batch.isEmpty()) {
      write(batch);
    }
  }

  void stop(@Observes ShutdownEvent shutdown) {
    write();
  }

  private void write(Map<Key, Instant> batch) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(USED)) {
      for (Map.Entry<Key, Instant> use : batch.entrySet()) {
        OffsetDateTime at = use.getValue().atOffset(ZoneOffset.UTC);
        statement.setObject(1, at);
        statement.setObject(2, use.getKey().workspaceId());
        statement.setObject(3, use.getKey().id());
        statement.setObject(4, at);
        statement.addBatch();
      }
      statement.executeBatch();
    } catch (SQLException e) {
      throw new IllegalStateException("the use of keys cannot be written down", e);
    }
  }
}
