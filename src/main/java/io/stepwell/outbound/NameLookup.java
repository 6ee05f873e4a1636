package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Resolves names within a deadline, however long the name service hangs.
 *
 * <p>The JDK's lookup cannot be interrupted and holds its carrier, so it runs on a bounded number
 * of platform threads of its own; a hanging name service exhausts those and nothing else.
 */
final class NameLookup implements AutoCloseable {

  private static final int THREADS = 32;
  private static final int WAITING = 4096;

  private final Resolver resolver;
  private final ThreadPoolExecutor threads;

  NameLookup(Resolver resolver) {
    this.resolver = resolver;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("name-lookup-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  List<InetAddress> resolve(String name, Deadline deadline)
      throws OutboundException, InterruptedException {
    Future<List<InetAddress>> lookup = submit(name);
    try {
      return lookup.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new OutboundException(Reason.TIMEOUT, "looking up " + name + " took too long");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw isPassing(unknown)
            ? new OutboundException(Reason.CONNECT_FAILED, "the name service has no answer now")
            : AddressGuard.notPublic(name);
      }
      throw new IllegalStateException("the resolver failed", e.getCause());
    } finally {
      lookup.cancel(true);
    }
  }

  // The JDK tells it by the words of the C library alone: glibc's and musl's.
  private static boolean isPassing(UnknownHostException unknown) {
    String message = String.valueOf(unknown.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("temporary failure") || message.contains("try again");
  }

  private Future<List<InetAddress>> submit(String name) throws OutboundException {
    try {
      return threads.submit(() -> resolver.resolve(name));
    } catch (RejectedExecutionException e) {
      throw new OutboundException(Reason.CONNECT_FAILED, "too many names are being looked up");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
