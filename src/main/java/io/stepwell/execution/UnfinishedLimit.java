package io.stepwell.execution;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.stepwell.kernel.Failure;
import io.stepwell.workspace.WorkspaceDeleted;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Bounds how many executions of one workspace are unfinished.
 *
 * <p>It knows what the database counted a moment ago and what this replica has let pass since: so
 * replicas together may pass the bound by what the others let pass within {@link #NEAR}, and what
 * ended since the count is free again after that long. Far from the bound it asks the database once
 * in {@link #FAR}. Thread-safe.
 */
@ApplicationScoped
class UnfinishedLimit {
  static final Duration FAR = Duration.ofSeconds(10);
  static final Duration NEAR = Duration.ofSeconds(1);

  private static final int MOST_KNOWN = 10_000;

  /** What was counted, when the counting began, and what was let pass since. */
  private record Known(
      long counted, long countedAt, AtomicLong passedSince, AtomicBoolean renewing) {}

  // one that is forgotten is counted again
  private final Map<UUID, Known> known =
      Caffeine.newBuilder().maximumSize(MOST_KNOWN).<UUID, Known>build().asMap();
  private final UnfinishedCount count;
  private final long limit;
  private final LongSupplier nanoTime;

  @Inject
  UnfinishedLimit(UnfinishedCount count, UnfinishedConfig config) {
    this(count, config.unfinished(), System::nanoTime);
  }

  UnfinishedLimit(UnfinishedCount count, long limit, LongSupplier nanoTime) {
    if (limit < 1) {
      throw new IllegalArgumentException("stepwell.limits.unfinished has to be at least 1");
    }
    this.count = count;
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /**
   * Lets one more execution of the workspace be unfinished.
   *
   * @throws Failure {@code too_many_unfinished} when it has as many as it may
   */
  void acquire(UUID workspaceId) {
    Known now = current(workspaceId);
    if (now.counted + now.passedSince.incrementAndGet() > limit) {
      now.passedSince.decrementAndGet();
      throw Failure.limited(
          "too_many_unfinished",
          "The workspace has " + limit + " unfinished executions, as many as it may have.",
          NEAR);
    }
  }

  private Known current(UUID workspaceId) {
    Known last = known.get(workspaceId);
    // one of those who come counts anew, the others go on with what is known
    if (last != null && (!isOld(last) || !last.renewing.compareAndSet(false, true))) {
      return last;
    }
    try {
      long askedAt = nanoTime.getAsLong();
      Known now = new Known(count.of(workspaceId), askedAt, new AtomicLong(), new AtomicBoolean());
      if (last != null) {
        known.put(workspaceId, now);
        return now;
      }
      // race: of those who come first only one may hold what is known
      Known first = known.putIfAbsent(workspaceId, now);
      return first == null ? now : first;
    } catch (RuntimeException e) {
      if (last != null) {
        last.renewing.set(false);
      }
      throw e;
    }
  }

  private boolean isOld(Known last) {
    long age = nanoTime.getAsLong() - last.countedAt;
    boolean wasNear = last.counted > limit / 2;
    boolean isNear = last.counted + last.passedSince.get() > limit / 2;
    return age >= (wasNear ? NEAR : FAR).toNanos() || isNear && !wasNear;
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    known.remove(deleted.workspaceId());
  }
}
