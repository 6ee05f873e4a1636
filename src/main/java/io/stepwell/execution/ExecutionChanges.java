package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Tells those who wait within this process that an execution changed, or that one became due.
 *
 * <p>It carries no data: who is told looks into the database. Losing a word of it may cost latency
 * and nothing else. Thread-safe.
 */
@ApplicationScoped
public class ExecutionChanges {
  private final Map<UUID, List<Watch>> watches = new ConcurrentHashMap<>();
  private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> dispatchers = new CopyOnWriteArrayList<>();

  /** An execution that is watched here. */
  record Watched(UUID workspaceId, UUID executionId) {}

  /** Somebody who is told of changes of one execution until it is closed. */
  public final class Watch implements AutoCloseable {
    private final UUID workspaceId;
    private final UUID executionId;
    private final Runnable changed;

    private Watch(UUID workspaceId, UUID executionId, Runnable changed) {
      this.workspaceId = workspaceId;
      this.executionId = executionId;
      this.changed = changed;
    }

    @Override
    public void close() {
      watches.computeIfPresent(
          executionId,
          (id, list) -> {
            list.remove(this);
            return list.isEmpty() ? null : list;
          });
    }
  }

  /**
   * Calls {@code changed} at every change of the execution from now on; it must not block. Look at
   * the execution after this call, not before, and nothing is missed.
   */
  public Watch watch(UUID workspaceId, UUID executionId, Runnable changed) {
    Watch watch = new Watch(workspaceId, executionId, changed);
    watches.compute(
        executionId,
        (id, list) -> {
          List<Watch> watchers = list == null ? new CopyOnWriteArrayList<>() : list;
          watchers.add(watch);
          return watchers;
        });
    return watch;
  }

  /** The executions that are watched here, each once. */
  List<Watched> watched() {
    List<Watched> watched = new ArrayList<>();
    watches.forEach((id, list) ->
        // race: the last of them may have closed
        list.stream()
            .findFirst()
            .ifPresent(watch -> watched.add(new Watched(watch.workspaceId, id))));
    return watched;
  }

  /** Says that a committed transaction changed the execution. */
  public void changed(UUID executionId) {
    listeners.forEach(listener -> listener.accept(executionId));
    tellWatches(executionId);
  }

  /** Says to watchers only that another replica changed the execution. */
  void tellWatches(UUID executionId) {
    watches.getOrDefault(executionId, List.of()).forEach(watch -> watch.changed.run());
  }

  /** Says that an execution became due. */
  public void due() {
    dispatchers.forEach(Runnable::run);
  }

  /** Calls {@code listener} at every change made in this process; it must not block. */
  public void onChange(Consumer<UUID> listener) {
    listeners.add(listener);
  }

  /** Calls {@code dispatcher} when an execution became due; it must not block. */
  public void onDue(Runnable dispatcher) {
    dispatchers.add(dispatcher);
  }
}
