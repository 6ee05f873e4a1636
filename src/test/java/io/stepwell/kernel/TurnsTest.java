package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stepwell.kernel.Turns.Turn;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final UUID BUSY = new UUID(0, 1);
  private static final UUID QUIET = new UUID(0, 2);

  private final AtomicLong nanoTime = new AtomicLong();
  private final Turns turns = new Turns(1, nanoTime::get);
  private final List<String> order = new CopyOnWriteArrayList<>();

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  /** Takes a turn as soon as it gets one, notes it, and passes it on at once. */
  private Thread waiting(UUID workspace, String name) {
    int before = turns.waiting();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              Turn turn = turns.of(workspace);
              try {
                turn.take();
              } catch (InterruptedException e) {
                order.add(name + " interrupted");
                return;
              }
              order.add(name);
              pass(Duration.ofMillis(1));
              turn.pass();
            });
    await().atMost(SOON).until(() -> turns.waiting() == before + 1);
    return thread;
  }

  @Test
  void the_workspace_that_used_less_goes_before_all_that_waited_longer() throws Exception {
    Turn first = turns.of(BUSY);
    first.take();
    List<Thread> threads =
        List.of(
            waiting(BUSY, "busy 1"),
            waiting(BUSY, "busy 2"),
            waiting(BUSY, "busy 3"),
            waiting(QUIET, "quiet"));
    pass(Duration.ofMillis(250));
    first.pass();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(order).containsExactly("quiet", "busy 1", "busy 2", "busy 3");
  }

  @Test
  void what_was_used_long_ago_does_not_count() throws Exception {
    Turn busy = turns.of(BUSY);
    busy.take();
    pass(Duration.ofMillis(250));
    busy.pass();
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(2));
      Turn quiet = turns.of(QUIET);
      quiet.take();
      pass(Duration.ofMillis(1));
      quiet.pass();
    }
    Turn holding = turns.of(new UUID(0, 3));
    holding.take();
    List<Thread> threads = List.of(waiting(QUIET, "quiet"), waiting(BUSY, "busy"));
    holding.pass();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(order).containsExactly("busy", "quiet");
  }

  @Test
  void one_that_is_interrupted_while_it_waits_leaves_the_turn_to_others() throws Exception {
    Turn first = turns.of(BUSY);
    first.take();
    Thread interrupted = waiting(BUSY, "busy");
    Thread other = waiting(QUIET, "quiet");
    interrupted.interrupt();
    interrupted.join();
    first.pass();
    other.join();

    assertThat(order).containsExactly("busy interrupted", "quiet");
    turns.of(BUSY).take();
    assertThat(turns.waiting()).isZero();
  }
}
