package io.stepwell.outbound;

import java.time.Duration;

/** A moment of the monotonic clock after which nobody waits any more. */
record Deadline(long nanoTime) {

  // beyond this the sum could overflow, and no request lasts so long
  private static final Duration LONGEST = Duration.ofDays(366);

  static Deadline in(Duration duration) {
    Duration bounded = duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    return new Deadline(System.nanoTime() + Math.max(0, bounded.toNanos()));
  }

  /** Nanoseconds left, 0 when it has passed. */
  long remainingNanos() {
    return Math.max(0, nanoTime - System.nanoTime());
  }

  /** Milliseconds left, rounded up, at least 1, as timers want them. */
  long remainingMillis() {
    return remainingNanos() / 1_000_000 + 1;
  }

  /** The earlier one of this and the moment that lies {@code duration} ahead. */
  Deadline orIn(Duration duration) {
    Deadline other = in(duration);
    return other.remainingNanos() < remainingNanos() ? other : this;
  }
}
