package io.stepwell.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Times;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How long a step that this replica cannot run waits for one that can. It counts from when a
 * replica first could not, which the error of the waiting step says: {@code since}.
 */
@ApplicationScoped
class Patience {
  private static final String SINCE = "since";
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final DatabaseClock clock;
  private final EngineConfig config;

  Patience(DatabaseClock clock, EngineConfig config) {
    this.clock = clock;
    this.config = config;
  }

  /**
   * Since when the step waits.
   *
   * @param before what is known of it
   */
  Instant since(@Nullable StepResult before) {
    return Optional.ofNullable(before)
        .map(StepResult::error)
        .flatMap(error -> Times.parse(error.path(SINCE).asText()))
        .orElseGet(clock::now);
  }

  /** What is left of it, not negative. */
  Duration left(Instant since) {
    Duration left = config.unknownTypePatience().minus(Duration.between(since, clock.now()));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** The error, saying since when the step waits. */
  static ObjectNode noted(ObjectNode error, Instant since) {
    return error.put(SINCE, Times.format(since));
  }

  /** When to look for another replica again: rarely, if it has taken long already. */
  Duration delay(Duration left) {
    Duration half = config.unknownTypePatience().minus(left).dividedBy(2);
    Duration delay = half.compareTo(LONGEST) < 0 ? half : LONGEST;
    long millis = Math.max(delay.toMillis(), SHORTEST.toMillis());
    long spread = millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    return Duration.ofMillis(Math.min(spread, Math.max(1, left.toMillis())));
  }
}
