package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ExecutionChangesTest {
  private static final int ROUNDS = 2_000;

  private final ExecutionChanges changes = new ExecutionChanges();
  private final UUID id = UUID.randomUUID();

  @Test
  void a_change_is_told_once_to_whoever_watches_it() throws InterruptedException {
    try (ExecutionChanges.Watch watch = changes.watch(id);
        ExecutionChanges.Watch other = changes.watch(UUID.randomUUID())) {
      changes.changed(id);
      changes.changed(id);
      assertThat(watch.await(Duration.ZERO)).isTrue();
      assertThat(watch.await(Duration.ZERO)).isFalse();
      assertThat(other.await(Duration.ZERO)).isFalse();
    }
    assertThat(changes.watched()).isEmpty();
  }

  @Test
  void a_change_that_comes_just_as_the_time_is_over_is_told_all_the_same() throws Exception {
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        ExecutionChanges.Watch watch = changes.watch(id)) {
      for (int round = 0; round < ROUNDS; round++) {
        CountDownLatch waiting = new CountDownLatch(1);
        Future<?> change =
            threads.submit(() -> {
              waiting.await();
              changes.changed(id);
              return null;
            });
        boolean told = false;
        waiting.countDown();
        while (!change.isDone()) {
          told |= watch.await(Duration.ZERO);
        }
        told |= watch.await(Duration.ZERO);
        assertThat(told).as("round %d", round).isTrue();
      }
    }
  }
}
