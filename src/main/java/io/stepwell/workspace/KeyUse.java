package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes down when keys were last used: at most once a minute for a key, and beside the requests.
 */
@Singleton
public class KeyUse {
  private final Map<Key, Instant> noted = new ConcurrentHashMap<>();

  private record Key(UUID workspaceId, UUID id) {
    static final Comparator<Key> ORDER =
        Comparator.comparing(Key::workspaceId).thenComparing(Key::id);
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
      QuarkusTransaction.requiringNew().run(() -> batch.forEach(KeyUse::write));
    }
  }

  void stop(@Observes ShutdownEvent shutdown) {
    write();
  }

  private static void write(Key key, Instant at) {
    ApiKeyEntity.update(
        "lastUsedAt = ?1 where workspaceId = ?2 and id = ?3"
            + " and (lastUsedAt is null or lastUsedAt < ?1)",
        at,
        key.workspaceId,
        key.id);
  }
}
