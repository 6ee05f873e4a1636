package load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Clients that each have a connection of their own and send the next request when the answer to the
 * last one is there.
 */
public final class ClosedLoop {
  private final List<Integer> ports;
  private final int clients;

  /** Clients are dealt to the ports in turn. */
  public ClosedLoop(List<Integer> ports, int clients) {
    this.ports = List.copyOf(ports);
    this.clients = clients;
  }

  /** How many were answered as expected, and how long each answer took. */
  public record Answered(int count, Latencies latencies) {}

  /** Sends for so long; every answer must have the expected status. */
  public Answered during(double seconds, byte[] request, int expected) throws Exception {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    return run(Integer.MAX_VALUE, end, request, expected);
  }

  /** Sends so many, shared evenly by the clients. */
  public Answered exactly(int requests, byte[] request, int expected) throws Exception {
    return run(
        Math.ceilDiv(requests, clients),
        System.nanoTime() + TimeUnit.HOURS.toNanos(1),
        request,
        expected);
  }

  private Answered run(int each, long end, byte[] request, int expected) throws Exception {
    List<Callable<Latencies>> work = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      int port = ports.get(client % ports.size());
      work.add(() -> client(port, each, end, request, expected));
    }
    // platform threads: a blocked read costs less there than a virtual thread's trip through the
    // poller
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      Latencies all = new Latencies();
      for (Future<Latencies> done : threads.invokeAll(work)) {
        all.addAll(done.get());
      }
      return new Answered(all.count(), all);
    }
  }

  private static Latencies client(int port, int each, long end, byte[] request, int expected)
      throws IOException {
    Latencies latencies = new Latencies();
    try (HttpConnection connection = HttpConnection.open(port)) {
      long sent = System.nanoTime();
      for (int n = 0; n < each && sent < end; n++) {
        int status = connection.exchangeStatus(request);
        if (status != expected) {
          connection.exchange(request).expect(expected);
        }
        long answered = System.nanoTime();
        latencies.add(answered - sent);
        sent = answered;
      }
    }
    return latencies;
  }
}
