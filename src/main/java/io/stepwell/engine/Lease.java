package io.stepwell.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An execution that runs here, and the way to stop it.
 *
 * <p>An interrupt reaches only code between {@link #enter} and {@link #leave}: a handler, a
 * backoff. It must never reach JDBC, where it would cost the connection. Thread-safe.
 */
final class Lease {
  private final UUID workspaceId;
  private final UUID executionId;
  private final UUID token;
  private final long since = System.nanoTime();
  private final List<Thread> interruptible = new ArrayList<>(2);
  private volatile long renewedAt;
  private volatile boolean ended;

  /**
   * @param askedAt when the database was asked for it, on {@link System#nanoTime}: the database
   *     counts from no earlier moment
   */
  Lease(UUID workspaceId, UUID executionId, UUID token, long askedAt) {
    this.workspaceId = workspaceId;
    this.executionId = executionId;
    this.token = token;
    this.renewedAt = askedAt;
  }

  UUID workspaceId() {
    return workspaceId;
  }

  UUID executionId() {
    return executionId;
  }

  UUID token() {
    return token;
  }

  /** How long this replica has had it. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - since);
  }

  /** How long ago the database was asked to prolong it, and did. */
  Duration sinceRenewal() {
    return Duration.ofNanos(System.nanoTime() - renewedAt);
  }

  void renewed(long askedAt) {
    renewedAt = askedAt;
  }

  /** The lease is no longer ours, or the replica stops: the work ends now. */
  synchronized void end() {
    ended = true;
    notifyAll();
    interruptible.forEach(Thread::interrupt);
  }

  boolean ended() {
    return ended;
  }

  /** Waits for its end, this long at most. */
  @SuppressWarnings("WaitNotInLoop") // waking early only tries again early
  synchronized void awaitEnd(Duration atMost) {
    try {
      if (!ended) {
        wait(atMost.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The current thread may be interrupted from here on.
   *
   * @throws InterruptedException when the lease has ended already
   */
  synchronized void enter() throws InterruptedException {
    if (ended) {
      throw new InterruptedException("the lease has ended");
    }
    interruptible.add(Thread.currentThread());
  }

  /** The current thread is not interrupted any more. */
  synchronized void leave() {
    interruptible.remove(Thread.currentThread());
    if (!interruptible.contains(Thread.currentThread())) {
      // race: an end() that came just before; what follows may use the database
      Thread.interrupted();
    }
  }
}
