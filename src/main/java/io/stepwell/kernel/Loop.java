package io.stepwell.kernel;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A thread that takes one turn after another until it is stopped, and survives a bad one.
 *
 * <p>After an exception it warns, pauses for 200 ms and, while they follow each other, up to five
 * seconds, and takes the next turn. An {@link Error} ends the process: what it left half done
 * nobody knows, and a replica without one of its loops would accept work and do none of it.
 *
 * <p>It has a platform thread: virtual ones share carriers with whatever tenants have computed. A
 * turn waits for its signal by itself, a few seconds at most, so that {@link #sinceTurn} tells a
 * loop that waits from one that is stuck; one that stays in its turn for longer, for want of the
 * database perhaps, says {@link #turning}.
 */
public final class Loop {
  private static final Logger LOG = Logger.getLogger(Loop.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int EXIT_CODE = 3;
  private static final Set<Loop> ESSENTIAL = ConcurrentHashMap.newKeySet();

  /** What a turn does. */
  @FunctionalInterface
  public interface Turn {
    /** Returns whether there is more to do, which a loop that is to stop still does. */
    boolean take() throws SQLException, InterruptedException;
  }

  private final String name;
  private final Turn turn;
  private final boolean essential;
  private final Consumer<Error> end;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile long turned = System.nanoTime();

  /** One that the replica can do without for a while. */
  public static Loop of(String name, Turn turn) {
    return new Loop(name, turn, false, Loop::endProcess);
  }

  /** One that everything depends on: the replica is not alive when it is stuck. */
  public static Loop essential(String name, Turn turn) {
    return new Loop(name, turn, true, Loop::endProcess);
  }

  Loop(String name, Turn turn, boolean essential, Consumer<Error> end) {
    this.name = name;
    this.turn = turn;
    this.essential = essential;
    this.end = end;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /** The essential loops of this process that run, and those whose thread died. */
  public static List<Loop> essentialOnes() {
    return List.copyOf(ESSENTIAL);
  }

  public void start() {
    turning();
    if (essential) {
      ESSENTIAL.add(this);
    }
    thread.start();
  }

  /** Ends after this turn, and after those that have more to do. */
  public void stop() {
    stopping.countDown();
    ESSENTIAL.remove(this);
  }

  /**
   * Asks it to stop, ends the wait of its turn by {@code wake}, and waits until it has stopped.
   *
   * @param patience how long to wait at most
   */
  public void stop(Runnable wake, Duration patience) throws InterruptedException {
    stop();
    wake.run();
    if (thread.getState() != Thread.State.NEW && thread != Thread.currentThread()) {
      thread.join(patience);
    }
  }

  public boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** Waits for this long; a stop ends it. Returns whether it goes on. */
  public boolean rest(Duration duration) throws InterruptedException {
    return !stopping.await(duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Says in a long turn that it is not stuck. */
  public void turning() {
    turned = System.nanoTime();
  }

  /** For how long it has been in one turn without a word. */
  public Duration sinceTurn() {
    return Duration.ofNanos(System.nanoTime() - turned);
  }

  public String name() {
    return name;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    // one turn at least, so that what came before an early stop is done
    boolean more = true;
    try {
      while (more || !isStopping()) {
        turning();
        try {
          more = turn.take();
          pause = FIRST_PAUSE;
        } catch (SQLException | RuntimeException e) {
          more = false;
          warn(pause, e);
          rest(pause);
          pause =
              pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                  ? pause.multipliedBy(2)
                  : LONGEST_PAUSE;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Error e) {
      // a class loader that is closed under a loop that has not ended in time
      if (!isStopping()) {
        end.accept(e);
      }
      throw e;
    }
  }

  private void warn(Duration pause, Exception e) {
    String text = "%s: trying again in %d ms: %s".formatted(name, pause.toMillis(), e.getMessage());
    // of the database the message says enough, often and long as it may be away
    LOG.log(Logger.Level.WARN, text, e instanceof SQLException ? null : e);
  }

  // neither a hook nor a log can be relied on now: the memory may be exhausted
  private static void endProcess(Error error) {
    try {
      System.err.println(
          "A loop that everything depends on has failed, the process ends: " + error);
      error.printStackTrace();
    } finally {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
