package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

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
      return queries.outcome(workspaceId, executionId);
    }
    long deadline = System.nanoTime() + atMost.toNanos();
    Semaphore changed = new Semaphore(0);
    try (ExecutionChanges.Watch watch = changes.watch(workspaceId, executionId, changed::release)) {
      while (true) {
        // several changes before the next look are one
        changed.drainPermits();
        boolean finished = queries.status(workspaceId, executionId).isTerminal();
        long left = deadline - System.nanoTime();
        if (finished || left <= 0 || !changed.tryAcquire(left, TimeUnit.NANOSECONDS)) {
          return queries.outcome(workspaceId, executionId);
        }
      }
    }
  }
}
