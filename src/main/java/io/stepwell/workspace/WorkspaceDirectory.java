package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Finds workspaces that are not deleted, usually without asking the database.
 *
 * <p>Thread-safe. Another replica's change is seen within {@value #SECONDS} seconds; id and slug
 * never change.
 */
@ApplicationScoped
public class WorkspaceDirectory {
  private static final int SECONDS = 3;
  private static final int CAPACITY = 10_000;

  private final ShortCache<String, Workspace> bySlug =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));
  private final ShortCache<UUID, Workspace> byId =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));

  public Optional<Workspace> bySlug(String slug) {
    return bySlug.get(slug, s -> read(() -> WorkspaceEntity.bySlug(s)));
  }

  public Optional<Workspace> byId(UUID id) {
    return byId.get(id, i -> read(() -> WorkspaceEntity.byId(i)));
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    bySlug.clear();
    byId.clear();
  }

  private static Optional<Workspace> read(Supplier<Optional<WorkspaceEntity>> query) {
    return QuarkusTransaction.requiringNew()
        .call(() -> query.get().map(WorkspaceEntity::toWorkspace));
  }
}
