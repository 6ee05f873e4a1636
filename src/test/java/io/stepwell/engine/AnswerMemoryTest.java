package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AnswerMemoryTest {
  private static final UUID ONE = new UUID(0, 1);
  private static final UUID OTHER = new UUID(0, 2);

  private final AnswerMemory memory = new AnswerMemory(100);

  @Test
  void the_next_large_answer_of_a_workspace_waits_for_the_one_before() throws Exception {
    AnswerMemory.OfRun first = memory.of(ONE);
    first.take(1_000);
    AnswerMemory.OfRun second = memory.of(ONE);
    CompletableFuture<Void> taken = taking(second, 1_000);

    // the other workspace does not wait for either
    memory.of(OTHER).take(1_000);
    assertThat(taken).isNotDone();
    first.give();
    taken.get(20, TimeUnit.SECONDS);
    assertThat(second.isHeld()).isTrue();
    assertThat(first.isHeld()).isFalse();
  }

  @Test
  void one_at_a_time_goes_beyond_the_bound() throws Exception {
    AnswerMemory.OfRun first = memory.of(ONE);
    AnswerMemory.OfRun second = memory.of(OTHER);
    first.take(50);
    second.take(50);
    first.take(500);
    CompletableFuture<Void> taken = taking(second, 500);

    assertThat(taken).isNotDone();
    first.give();
    taken.get(20, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Void> taking(AnswerMemory.OfRun run, long bytes) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            run.take(bytes);
            taken.complete(null);
          } catch (InterruptedException e) {
            taken.completeExceptionally(e);
          }
        });
    return taken;
  }
}
