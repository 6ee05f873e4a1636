package io.stepwell.outbound;

import io.stepwell.kernel.FairBudget;
import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Resolves names within a deadline, however long the name service hangs.
 *
 * <p>The JDK's lookup cannot be interrupted and holds its carrier, so it runs on a bounded number
 * of platform threads of its own; a hanging name service exhausts those and nothing else. A
 * workspace has half of the threads that others leave, so that names which one of them has looked
 * up, and which nobody answers for, keep no other from an answer.
 */
final class NameLookup implements AutoCloseable {

  private static final int THREADS = 32;
  private static final double SHARE_OF_WORKSPACE = 0.5;

  private final Resolver resolver;
  private final ExecutorService threads;
  private final FairBudget places = new FairBudget(THREADS, SHARE_OF_WORKSPACE);
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition given = lock.newCondition();

  NameLookup(Resolver resolver) {
    this.resolver = resolver;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            // holds no more than there are places
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("name-lookup-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  List<InetAddress> resolve(UUID workspaceId, String name, Deadline deadline)
      throws OutboundException, InterruptedException {
    takePlace(workspaceId, name, deadline);
    Future<List<InetAddress>> lookup =
        threads.submit(() -> {
          try {
            return resolver.resolve(name);
          } finally {
            givePlace(workspaceId);
          }
        });
    try {
      return lookup.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw tookTooLong(name);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw isPassing(unknown)
            ? new OutboundException(Reason.CONNECT_FAILED, "the name service has no answer now")
            : AddressGuard.notPublic(name);
      }
      throw new IllegalStateException("the resolver failed", e.getCause());
    }
  }

  private void takePlace(UUID workspaceId, String name, Deadline deadline)
      throws OutboundException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!places.take(workspaceId, 1)) {
        if (given.awaitNanos(deadline.remainingNanos()) <= 0) {
          throw tookTooLong(name);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void givePlace(UUID workspaceId) {
    lock.lock();
    try {
      places.give(workspaceId, 1);
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static OutboundException tookTooLong(String name) {
    return new OutboundException(Reason.TIMEOUT, "looking up " + name + " took too long");
  }

  // The JDK tells it by the words of the C library alone: glibc's and musl's.
  private static boolean isPassing(UnknownHostException unknown) {
    String message = String.valueOf(unknown.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("temporary failure") || message.contains("try again");
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
