package io.stepwell.expression;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation depends on besides the names that it sees.
 *
 * @param time what {@code $now()} and {@code $millis()} tell, {@code null} for the present
 * @param seed of what {@code $random()} and {@code $shuffle()} do, {@code null} for none
 * @param turn is taken before each evaluation and passed on after it
 * @param deferring whether values among the names are {@link Deferred}
 */
public record Surroundings(
    @Nullable Instant time, @Nullable Long seed, Turn turn, boolean deferring) {
  static final Surroundings NOW = new Surroundings(null, null, Turn.ALWAYS, false);

  /** Keeps evaluations from taking every processor. One for each scope. */
  public interface Turn {
    /** Nobody else is there. */
    Turn ALWAYS =
        new Turn() {
          @Override
          public void take() {}

          @Override
          public void pass() {}
        };

    /** Waits until an evaluation may go on. */
    void take() throws InterruptedException;

    /** The evaluation is over, or waits for something else. */
    void pass();
  }
}
