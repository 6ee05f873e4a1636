package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private final Lease lease =
      new Lease(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), System.nanoTime());

  @Test
  void its_end_interrupts_who_is_within() throws Exception {
    CountDownLatch within = new CountDownLatch(1);
    CompletableFuture<String> outcome = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            lease.enter();
            try {
              within.countDown();
              outcome.complete(new CountDownLatch(1).await(20, TimeUnit.SECONDS) ? "" : "waited");
            } finally {
              lease.leave();
            }
          } catch (InterruptedException e) {
            outcome.complete("interrupted " + Thread.currentThread().isInterrupted());
          }
        });
    within.await();
    lease.end();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("interrupted false");
  }

  @Test
  void after_its_end_nobody_enters() {
    lease.end();
    assertThat(lease.ended()).isTrue();
    assertThatThrownBy(lease::enter).isInstanceOf(InterruptedException.class);
  }

  /** What follows may use the database, which an interrupt would cost its connection. */
  @Test
  void who_has_left_is_not_interrupted() throws InterruptedException {
    lease.enter();
    lease.enter();
    lease.end();
    lease.leave();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    lease.leave();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void a_drain_waits_for_what_runs_and_no_longer_than_its_grace() throws Exception {
    RunningExecutions running =
        new RunningExecutions(
            EngineDatabase.config(Map.of("stepwell.engine.slots", "3")), new SimpleMeterRegistry());
    assertThat(running.awaitNone(Duration.ZERO)).isTrue();
    assertThat(running.takeSlot(lease.workspaceId())).isTrue();
    running.add(lease);
    assertThat(running.freeSlots()).isEqualTo(2);
    assertThat(running.find(lease.executionId())).contains(lease);
    assertThat(running.awaitNone(Duration.ofMillis(20))).isFalse();
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> {
          try {
            return running.awaitNone(Duration.ofSeconds(20));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    // a lease that was taken again is another one: it ends the old one, whose end leaves it alone
    Lease old =
        new Lease(lease.workspaceId(), lease.executionId(), UUID.randomUUID(), System.nanoTime());
    assertThat(running.takeSlot(old.workspaceId())).isTrue();
    running.add(old);
    running.add(lease);
    assertThat(old.ended()).isTrue();
    running.remove(old);
    assertThat(running.all()).containsExactly(lease);
    running.remove(lease);
    assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(running.freeSlots()).isEqualTo(3);
  }
}
