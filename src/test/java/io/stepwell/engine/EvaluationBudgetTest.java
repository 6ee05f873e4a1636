package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.expression.ExpressionException;
import io.stepwell.kernel.Turns.Turn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EvaluationBudgetTest {

  @Test
  void evaluations_go_on_until_they_took_too_long_together() throws Exception {
    EvaluationBudget budget = new EvaluationBudget(Turn.ALWAYS, Duration.ofMillis(20));
    int turns = 0;

    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try {
      while (System.nanoTime() < end) {
        budget.take();
        Thread.sleep(5);
        budget.pass();
        turns++;
      }
    } catch (ExpressionException over) {
      assertThat(over).hasMessageContaining("20 ms");
    }

    assertThat(turns).isBetween(1, 4);
    assertThatThrownBy(budget::take).isInstanceOf(ExpressionException.class);
  }
}
