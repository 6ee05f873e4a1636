package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class FairBudgetTest {
  private final UUID greedy = UUID.randomUUID();
  private final UUID other = UUID.randomUUID();
  private final FairBudget budget = new FairBudget(256, 0.75);

  private int takeAll(UUID workspace) {
    int taken = 0;
    while (budget.take(workspace, 1)) {
      taken++;
    }
    return taken;
  }

  @Test
  void one_workspace_alone_gets_its_share() {
    assertThat(takeAll(greedy)).isEqualTo(192);
    assertThat(budget.free()).isEqualTo(64);
  }

  @Test
  void every_further_workspace_finds_something_left() {
    takeAll(greedy);

    assertThat(takeAll(other)).isEqualTo(48);
    assertThat(takeAll(UUID.randomUUID())).isEqualTo(12);
    assertThat(takeAll(UUID.randomUUID())).isEqualTo(3);
    assertThat(takeAll(UUID.randomUUID())).isEqualTo(1);
    assertThat(budget.free()).isZero();
  }

  @Test
  void workspaces_that_come_and_go_end_with_the_same_each() {
    takeAll(greedy);
    takeAll(other);

    boolean settled = false;
    while (!settled) {
      // the greedy one tries first each time one of its own ends
      budget.give(greedy, 1);
      boolean greedyAgain = budget.take(greedy, 1);
      settled = takeAll(other) == 0 && greedyAgain;
    }

    assertThat(budget.free()).isBetween(34L, 40L);
  }

  @Test
  void one_that_holds_nothing_may_take_whatever_is_free() {
    assertThat(budget.take(greedy, 256)).isTrue();
    assertThat(budget.take(other, 1)).isFalse();

    budget.give(greedy, 256);
    assertThat(budget.free()).isEqualTo(256);
    assertThat(budget.take(other, 257)).isFalse();
  }

  @Test
  void with_a_share_of_one_a_workspace_may_take_all() {
    FairBudget whole = new FairBudget(2, 1);

    assertThat(whole.take(greedy, 1)).isTrue();
    assertThat(whole.take(greedy, 1)).isTrue();
    assertThat(whole.take(greedy, 1)).isFalse();
  }

  @Test
  void giving_back_more_than_was_taken_is_a_fault() {
    budget.take(greedy, 1);

    assertThatIllegalStateException().isThrownBy(() -> budget.give(greedy, 2));
    assertThatIllegalStateException().isThrownBy(() -> budget.give(other, 1));
  }

  @Test
  void a_budget_without_sense_is_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new FairBudget(-1, 0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> new FairBudget(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new FairBudget(1, 1.1));
    assertThatIllegalArgumentException().isThrownBy(() -> new FairBudget(1, Double.NaN));
  }
}
