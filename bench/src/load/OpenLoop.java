package load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Requests that come at a rate whatever the answers do. An answer's time counts from when its
 * request was due, so that a stall is not hidden by sending less.
 */
public final class OpenLoop {
  private static final int LANES = 20;

  private final List<Integer> ports;
  private final double perSecond;

  public OpenLoop(List<Integer> ports, double perSecond) {
    this.ports = List.copyOf(ports);
    this.perSecond = perSecond;
  }

  public Latencies during(double seconds, List<byte[]> requests, int expected) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    return whilst(() -> System.nanoTime() < end, requests, expected);
  }

  /**
   * Sends the requests in turn as long as that holds; every answer must have the expected status.
   */
  public Latencies whilst(BooleanSupplier going, List<byte[]> requests, int expected)
      throws Exception {
    long start = System.nanoTime();
    List<Callable<Latencies>> work = new ArrayList<>();
    for (int lane = 0; lane < LANES; lane++) {
      int first = lane;
      work.add(() -> lane(start, first, going, requests, expected));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(LANES)) {
      Latencies all = new Latencies();
      for (Future<Latencies> done : threads.invokeAll(work)) {
        all.addAll(done.get());
      }
      return all;
    }
  }

  private Latencies lane(
      long start, int first, BooleanSupplier going, List<byte[]> requests, int expected)
      throws Exception {
    Latencies latencies = new Latencies();
    try (HttpConnection connection = HttpConnection.open(ports.get(first % ports.size()))) {
      for (int n = first; ; n += LANES) {
        long due = start + (long) (n / perSecond * 1e9);
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        if (!going.getAsBoolean()) {
          return latencies;
        }
        connection.exchange(requests.get(n % requests.size())).expect(expected);
        latencies.add(System.nanoTime() - due);
      }
    }
  }
}
