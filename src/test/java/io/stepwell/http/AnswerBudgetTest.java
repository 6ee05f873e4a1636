package io.stepwell.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerBudgetTest {
  private static final UUID ONE = new UUID(0, 1);
  private static final UUID OTHER = new UUID(0, 2);
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final int MIB = 1 << 20;

  private final AnswerBudget budget = new AnswerBudget(32 * MIB);

  @Test
  void a_workspace_never_has_all_of_it() {
    assertThat(budget.of(ONE).take(8 * MIB, AT_ONCE)).isTrue();
    assertThat(budget.of(ONE).take(MIB, AT_ONCE)).isFalse();
    assertThat(budget.of(OTHER).take(4 * MIB, AT_ONCE)).isTrue();
  }

  @Test
  void one_that_is_larger_than_all_of_it_still_gets_its_turn() {
    AnswerBudget.Part part = budget.of(ONE);
    assertThat(part.take(1L << 40, AT_ONCE)).isTrue();
    assertThat(budget.of(ONE).take(MIB, AT_ONCE)).isFalse();
    part.give();
    assertThat(budget.of(ONE).take(MIB, AT_ONCE)).isTrue();
  }

  @Test
  void what_does_not_fit_waits_until_it_does() throws Exception {
    AnswerBudget.Part first = budget.of(ONE);
    assertThat(first.take(8 * MIB, AT_ONCE)).isTrue();
    AnswerBudget.Part second = budget.of(ONE);
    CompletableFuture<Boolean> taken =
        CompletableFuture.supplyAsync(() -> second.take(8 * MIB, Duration.ofSeconds(60)));
    first.give();
    assertThat(taken.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(second.isHeld()).isTrue();
  }

  @Test
  void a_part_grows_and_is_given_back_once() {
    AnswerBudget.Part part = budget.of(ONE);
    assertThat(part.take(MIB, AT_ONCE)).isTrue();
    assertThat(part.take(2 * MIB, AT_ONCE)).isTrue();
    assertThat(part.take(MIB, AT_ONCE)).isTrue();
    part.give();
    part.give();
    assertThat(part.isHeld()).isFalse();
    assertThat(budget.of(ONE).take(8 * MIB, AT_ONCE)).isTrue();
  }
}
