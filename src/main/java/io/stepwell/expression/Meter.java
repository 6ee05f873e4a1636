package io.stepwell.expression;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Parser;
import com.dashjoin.jsonata.Utils.RangeList;
import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Turns;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bounds one evaluation: its time, its depth, and the size of everything that it makes on the way.
 *
 * <p>The library calls it before and after each node of the expression; the functions of {@link
 * Builtins} call it too, since the library's own loops do not. What it measures:
 *
 * <ul>
 *   <li>each value: a string, an array, an object over its limit ends the evaluation;
 *   <li>what a value would be when written out ({@link Extent}): values share parts, so twenty
 *       nested pairs are a million leaves to whoever walks them;
 *   <li>everything together: a path flattens the arrays of its steps after the last of them, so
 *       each array counts whenever it is seen.
 * </ul>
 */
final class Meter implements Jsonata.EntryCallback, Jsonata.ExitCallback {
  static final int MAX_STRING = 1 << 20;
  static final int MAX_ARRAY = 100_000;
  static final int MAX_DEPTH = 100;

  private static final long MAX_NANOS = 250_000_000L;
  private static final int MAX_MADE_OBJECT = 10_000;
  private static final int MAX_TUPLES = 10_000;
  private static final int MAX_NESTED_ARRAYS = 20_000;
  private static final long MAX_WEIGHT = 16L << 20;
  private static final long MAX_BYTES = 64L << 20;

  /**
   * Fewer steps than a warm machine takes in the time above have more time, so that a cold start, a
   * busy machine or a pause does not fail a reasonable expression.
   */
  private static final int MANY_STEPS = 100_000;

  private static final long MAX_NANOS_OF_FEW_STEPS = 2_000_000_000L;

  /**
   * With fewer steps than that, milliseconds of work, no pause of any length fails it: a thread
   * that waits for its turn among many must not lose its step for it.
   */
  private static final int FEW_STEPS = 10_000;

  private static final int STEPS_BETWEEN_CLOCK = 1024;
  private static final int LARGE_STRING = 1024;
  private static final int LARGE_WEIGHT = 256;

  private static final ScopedValue<Meter> CURRENT = ScopedValue.newInstance();

  private final long startMillis = System.currentTimeMillis();
  private final boolean mutating;
  private final Scope scope;
  private long start = System.nanoTime();
  private long yielded = start;
  private final IdentityHashMap<Object, Long> extents = new IdentityHashMap<>();
  private long steps;
  private long nextClock = STEPS_BETWEEN_CLOCK;
  private long bytes;
  private int depth;
  private @Nullable String failure;

  /**
   * @param mutating whether the expression has operators by which the library changes values that
   *     were seen before, so that nothing may be remembered about them
   */
  Meter(boolean mutating, Scope scope) {
    this.mutating = mutating;
    this.scope = scope;
  }

  /** The time counts from here. */
  void begin() {
    start = System.nanoTime();
    yielded = start;
  }

  /** How long it took so far. */
  long nanos() {
    return System.nanoTime() - start;
  }

  static <T> T during(Meter meter, ScopedValue.CallableOp<T, RuntimeException> work) {
    return ScopedValue.where(CURRENT, meter).call(work);
  }

  /** The meter of the evaluation that calls a function. */
  static Meter current() {
    return CURRENT.get();
  }

  /** One step of the evaluation that may be going on. */
  static void step() {
    if (CURRENT.isBound()) {
      CURRENT.get().work(1);
    }
  }

  /** The time that the expression sees, the same for the whole evaluation. */
  long startMillis() {
    return scope.millis(startMillis);
  }

  JsonNode fetch(JsonNode value) {
    return scope.fetch(value);
  }

  RandomGenerator chance() {
    return scope.chance();
  }

  /** Does what takes none of the time of the evaluation that may be going on. */
  static <T> T pause(Supplier<T> work) {
    long began = System.nanoTime();
    try {
      return work.get();
    } finally {
      if (CURRENT.isBound()) {
        CURRENT.get().start += System.nanoTime() - began;
      }
    }
  }

  /** Why the evaluation was ended, kept here as the library loses the causes of some exceptions. */
  @Nullable String failure() {
    return failure;
  }

  JException fail(String message) {
    if (failure == null) {
      failure = message;
    }
    return new JException(message);
  }

  void work(long units) {
    steps += units;
    if (steps >= nextClock) {
      nextClock = steps + STEPS_BETWEEN_CLOCK;
      checkClock();
    }
  }

  /** Counts memory that a value takes. */
  void charge(long size) {
    bytes += size;
    if (bytes > MAX_BYTES) {
      throw fail("it handles too much data");
    }
    work(size >> 6);
  }

  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread keeps its carrier until it yields
  void checkClock() {
    if (Thread.currentThread().isInterrupted()) {
      throw fail("it was interrupted");
    }
    if (steps <= FEW_STEPS) {
      return;
    }
    long now = System.nanoTime();
    long most = steps > MANY_STEPS ? MAX_NANOS : MAX_NANOS_OF_FEW_STEPS;
    if (now - start > most) {
      throw fail("it took longer than " + most / 1_000_000 + " ms");
    }
    if (now - yielded > Turns.SLICE_NANOS) {
      scope.passTurnOn();
      Thread.yield();
      yielded = System.nanoTime();
      start += yielded - now;
    }
  }

  @Override
  public void callback(Parser.Symbol expr, Object input, Jsonata.Frame frame) {
    if (++depth > MAX_DEPTH) {
      throw fail("it is nested too deeply, or calls itself without end");
    }
    work(1);
  }

  @Override
  public void callback(
      Parser.Symbol expr, Object input, Jsonata.Frame frame, @Nullable Object result) {
    depth--;
    switch (result) {
      case String text -> admit(text);
      case List<?> list -> admit(list);
      case Map<?, ?> map -> admit(map);
      // a second wall behind the check of the source
      case Pattern _ -> throw fail("regular expressions are not available");
      case null, default -> {}
    }
  }

  /** Lets a string pass, unless it or all strings together are too long. */
  String admit(String text) {
    if (text.length() > MAX_STRING) {
      throw fail("a string in it is longer than " + MAX_STRING + " characters");
    }
    // a long string is often looked at again and again, but made only once
    if (text.length() < LARGE_STRING || extents.put(text, Extent.ofText(text.length())) == null) {
      charge(text.length());
    }
    return text;
  }

  private void admit(List<?> list) {
    int size = list.size();
    if (size > MAX_ARRAY || (mutating && size > MAX_TUPLES)) {
      throw fail("an array in it has more than " + MAX_ARRAY + " elements");
    }
    charge(16L + (list instanceof RangeList ? 32L : 12L) * size);
    extent(list, 0);
    checkClock();
  }

  private void admit(Map<?, ?> map) {
    if (!(map instanceof View)) {
      if (map.size() > MAX_MADE_OBJECT) {
        throw fail("an object in it has more than " + MAX_MADE_OBJECT + " members");
      }
      charge(64L + 48L * map.size());
      extent(map, 0);
    }
    checkClock();
  }

  /** The extent of any value of the library; ends the evaluation when it is too large. */
  long extent(@Nullable Object value) {
    return value instanceof View view ? view.extent() : extent(value, 0);
  }

  private long extent(@Nullable Object value, int level) {
    return switch (value) {
      case String text -> Extent.ofText(text.length());
      case View view -> level == 0 ? Extent.SCALAR : view.extent(); // no larger than the input
      case RangeList range -> Extent.container(8L * range.size(), 0);
      case List<?> list -> made(list, level);
      case Map<?, ?> map -> made(map, level);
      case null -> Extent.SCALAR;
      default -> Extent.SCALAR;
    };
  }

  private long made(Object container, int level) {
    Long known = extents.get(container);
    if (known != null) {
      return known;
    }
    if (level > MAX_DEPTH) {
      throw fail("a value in it is nested too deeply");
    }
    long weight = 0;
    int height = 0;
    int arrays = 0;
    Iterable<?> children =
        container instanceof Map<?, ?> map ? map.values() : (Iterable<?>) container;
    for (Object child : children) {
      long extent = extent(child, level + 1);
      weight += Extent.weight(extent);
      height = Math.max(height, Extent.height(extent));
      arrays += child instanceof List ? 1 : 0;
    }
    if (container instanceof Map<?, ?> map) {
      for (Object key : map.keySet()) {
        weight += String.valueOf(key).length() + 8L;
      }
    }
    check(weight, height, arrays);
    long extent = Extent.container(weight, height);
    work(weight >> 8);
    if (weight > LARGE_WEIGHT && !mutating) {
      extents.put(container, extent);
    }
    return extent;
  }

  private void check(long weight, int height, int arrays) {
    if (weight > MAX_WEIGHT) {
      throw fail("a value in it is too large");
    }
    if (height >= MAX_DEPTH) {
      throw fail("a value in it is nested too deeply");
    }
    if (arrays > MAX_NESTED_ARRAYS) {
      throw fail("an array in it has more than " + MAX_NESTED_ARRAYS + " nested arrays");
    }
  }
}
