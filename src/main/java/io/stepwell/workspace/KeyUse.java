package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes down when keys were last used: at most once a minute for a key, and beside the requests.
 */
@Singleton
public class KeyUse {
  private final Map<UUID, Instant> noted = new ConcurrentHashMap<>();

  void note(UUID keyId, Instant at) {
    noted.put(keyId, at);
  }

  @Scheduled(
      every = "60s",
      delayed = "60s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @RunOnVirtualThread
  void write() {
    // sorted: two replicas that write the same keys lock the rows in the same order
    Map<UUID, Instant> batch = new TreeMap<>();
    noted.forEach((id, at) -> {
      if (noted.remove(id, at)) {
        batch.put(id, at);
      }
    });
    if (!batch.isEmpty()) {
      QuarkusTransaction.requiringNew().run(() -> batch.forEach(KeyUse::write));
    }
  }

  void stop(@Observes ShutdownEvent shutdown) {
    write();
  }

  private static void write(UUID id, Instant at) {
    ApiKeyEntity.update(
        "lastUsedAt = ?1 where id = ?2 and (lastUsedAt is null or lastUsedAt < ?1)", at, id);
  }
}
