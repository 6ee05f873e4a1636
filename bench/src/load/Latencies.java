package load;

import java.util.Arrays;

/** Durations in nanoseconds, and their percentiles in milliseconds. Not thread-safe. */
public final class Latencies {
  private long[] values = new long[1024];
  private int size;
  private boolean sorted;

  public void add(long nanos) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = nanos;
    sorted = false;
  }

  public void addAll(Latencies others) {
    for (int i = 0; i < others.size; i++) {
      add(others.values[i]);
    }
  }

  public int count() {
    return size;
  }

  /** What that share of them does not exceed (nearest rank), in milliseconds; NaN when none. */
  public double percentile(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    if (!sorted) {
      Arrays.sort(values, 0, size);
      sorted = true;
    }
    return values[Math.max(0, (int) Math.ceil(share * size) - 1)] / 1e6;
  }
}
