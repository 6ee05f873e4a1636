package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final AtomicInteger turns = new AtomicInteger();
  private final CompletableFuture<Error> ended = new CompletableFuture<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private Loop loop = Loop.of("none", () -> false);

  private Loop start(Loop.Turn turn) {
    loop = new Loop("test", turn, true, ended::complete);
    loop.start();
    return loop;
  }

  @AfterEach
  void stop() throws InterruptedException {
    never.countDown();
    loop.stop(() -> {}, PATIENCE);
  }

  @Test
  void it_survives_trouble_of_the_database_and_faults_of_its_own() {
    start(() -> {
      switch (turns.incrementAndGet()) {
        case 1 -> throw new SQLException("the database is away", "08006");
        case 2 -> throw new IllegalStateException("a fault");
        default -> loop.rest(Duration.ofMillis(10));
      }
      return false;
    });

    await().atMost(PATIENCE).until(() -> turns.get() > 5);
    assertThat(ended).isNotDone();
  }

  @Test
  void an_error_ends_the_process() throws Exception {
    OutOfMemoryError error = new OutOfMemoryError("of a test");
    start(() -> {
      throw error;
    });

    assertThat(ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isSameAs(error);
  }

  @Test
  void an_essential_loop_whose_thread_died_still_counts_as_one_that_should_turn() throws Exception {
    start(() -> {
      throw new StackOverflowError("of a test");
    });
    ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    assertThat(Loop.essentialOnes()).contains(loop);
    assertThat(loop.sinceTurn()).isPositive();
  }

  @Test
  void one_that_is_to_stop_does_what_it_still_has_to_do() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    start(() -> {
      begun.countDown();
      asked.await();
      return turns.incrementAndGet() < 3;
    });
    begun.await();

    loop.stop(asked::countDown, PATIENCE);

    assertThat(turns).hasValue(3);
    assertThat(Loop.essentialOnes()).doesNotContain(loop);
  }

  @Test
  void a_stop_ends_a_rest() throws InterruptedException {
    CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    CountDownLatch resting = new CountDownLatch(1);
    start(() -> {
      resting.countDown();
      goesOn.complete(loop.rest(Duration.ofHours(1)));
      return false;
    });
    resting.await();

    loop.stop(() -> {}, PATIENCE);

    assertThat(goesOn).isCompletedWithValue(false);
  }

  @Test
  void time_in_a_turn_is_told_until_the_turn_says_that_it_is_not_stuck() {
    start(() -> {
      never.await();
      return false;
    });

    await().atMost(PATIENCE).until(() -> loop.sinceTurn().compareTo(Duration.ofMillis(50)) > 0);
    Duration before = loop.sinceTurn();
    loop.turning();
    assertThat(loop.sinceTurn()).isLessThan(before);
  }
}
