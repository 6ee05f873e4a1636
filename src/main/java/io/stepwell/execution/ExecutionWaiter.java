package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;

/** Waits for executions to finish, whichever replica runs them. */
@ApplicationScoped
class ExecutionWaiter {
  private final ExecutionQueries queries;
  private final ExecutionChanges changes;

  ExecutionWaiter(ExecutionQueries queries, ExecutionChanges changes) {
    this.queries = queries;
    this.changes = changes;
  }

  /** The execution once it is finished, or as it is when the time is over. */
  ExecutionView await(UUID workspaceId, UUID executionId, Duration atMost)
      throws InterruptedException {
    if (atMost.isZero()) {
      return queries.view(workspaceId, executionId.toString());
    }
    long deadline = System.nanoTime() + atMost.toNanos();
    try (ExecutionChanges.Watch watch = changes.watch(executionId)) {
      while (true) {
        ExecutionView view = queries.view(workspaceId, executionId.toString());
        long left = deadline - System.nanoTime();
        if (view.status().isTerminal() || left <= 0) {
          return view;
        }
        boolean changed = watch.await(Duration.ofNanos(left));
        if (!changed) {
          return queries.view(workspaceId, executionId.toString());
        }
      }
    }
  }
}
