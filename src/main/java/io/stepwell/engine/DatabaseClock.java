package io.stepwell.engine;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The database's time as this replica knows it: its own clock, corrected at every claim. So
 * replicas whose clocks differ still agree on when steps ran. Thread-safe.
 */
@ApplicationScoped
class DatabaseClock {
  private final InstantSource time;
  private volatile Duration offset = Duration.ZERO;

  DatabaseClock(InstantSource time) {
    this.time = time;
  }

  /** Takes note of what the database's clock just said. */
  void correct(Instant databaseTime) {
    offset = Duration.between(time.instant(), databaseTime);
  }

  Instant now() {
    return time.instant().plus(offset);
  }
}
