package io.stepwell.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.stepwell.kernel.JsonSize;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps parsed versions, as many as the operator allows. A version never changes, so nothing in
 * here is ever stale. Thread-safe.
 */
@ApplicationScoped
// the library finds the kinds of its caches and of their entries by name
@RegisterForReflection(
    classNames = {
      "com.github.benmanes.caffeine.cache.SSMW",
      "com.github.benmanes.caffeine.cache.PSMW"
    })
class VersionCache {

  private static final int SHARE_OF_HEAP = 8;

  private record Entry(WorkflowVersion version, int weight) {}

  private final Cache<WorkflowVersionEntity.Id, Entry> entries;

  VersionCache(WorkflowConfig config) {
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(
                config
                    .cacheSize()
                    .map(size -> size.asLongValue())
                    .orElseGet(() -> Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP))
            .weigher((WorkflowVersionEntity.Id id, Entry entry) -> entry.weight())
            .build();
  }

  Optional<WorkflowVersion> find(UUID workspaceId, UUID workflowId, int version) {
    return Optional.ofNullable(
            entries.getIfPresent(new WorkflowVersionEntity.Id(workspaceId, workflowId, version)))
        .map(Entry::version);
  }

  /**
   * Keeps a version.
   *
   * @param definition its document: what is kept goes with what its tree takes
   */
  void keep(WorkflowVersion version, String definition) {
    long weight = JsonSize.ofTree(definition.getBytes(StandardCharsets.UTF_8));
    entries.put(
        new WorkflowVersionEntity.Id(
            version.workspaceId(), version.workflowId(), version.version()),
        new Entry(version, Math.toIntExact(weight)));
  }
}
