package io.stepwell.engine;

import java.time.Duration;
import java.util.Iterator;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.sessions.JqwikSession;
import org.jspecify.annotations.Nullable;

/**
 * Tries a property on many generated cases, and shows the smallest that it finds to break it.
 *
 * <p>jqwik generates and shrinks; its own runner knows nothing of a Quarkus test. {@code
 * -Dmodel.tries=…} tries more, {@code -Dmodel.seed=…} begins where a failure says.
 */
final class AnyCase {
  private static final int SIZE = 1_000;
  private static final Duration SHRINKING = Duration.ofMinutes(1);

  private AnyCase() {}

  /** What must hold. */
  @FunctionalInterface
  interface Property<T> {
    void check(T value) throws Exception;
  }

  /**
   * Fails with the smallest case found for which {@code property} throws.
   *
   * @return how many were tried
   */
  static <T> int holds(Arbitrary<T> cases, int tries, Property<T> property) {
    long first = Long.getLong("model.seed", new Random().nextLong(1_000_000_000));
    int wanted = Integer.getInteger("model.tries", tries);
    long last = first + wanted;
    JqwikSession.run(() -> {
      RandomGenerator<T> generator = cases.generator(SIZE);
      for (long seed = first; seed < last; seed++) {
        // the first numbers of neighbouring seeds are alike: spread them
        Random random = new Random(new SplittableRandom(seed).nextLong());
        Shrinkable<T> generated = generator.next(random);
        @Nullable Throwable failure = failure(property, generated.value());
        if (failure != null) {
          throw smallest(property, generated, failure, seed);
        }
      }
    });
    return wanted;
  }

  private static <T> @Nullable Throwable failure(Property<T> property, T value) {
    try {
      property.check(value);
      return null;
    } catch (Exception | AssertionError e) {
      return e;
    }
  }

  private static <T> AssertionError smallest(
      Property<T> property, Shrinkable<T> generated, Throwable failure, long seed) {
    Shrinkable<T> smallest = generated;
    Throwable cause = failure;
    long deadline = System.nanoTime() + SHRINKING.toNanos();
    Iterator<Shrinkable<T>> smaller = smallest.shrink().iterator();
    while (smaller.hasNext() && System.nanoTime() < deadline) {
      Shrinkable<T> candidate = smaller.next();
      @Nullable Throwable still = failure(property, candidate.value());
      if (still != null) {
        smallest = candidate;
        cause = still;
        smaller = smallest.shrink().iterator();
      }
    }
    return new AssertionError(
        "broken by %s%nfound as %s%nagain with -Dmodel.seed=%d -Dmodel.tries=1%n%s"
            .formatted(smallest.value(), generated.value(), seed, cause.getMessage()),
        cause);
  }
}
