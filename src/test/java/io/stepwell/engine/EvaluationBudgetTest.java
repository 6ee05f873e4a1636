package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.expression.ExpressionException;
import io.stepwell.kernel.Turns.Turn;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EvaluationBudgetTest {

  @Test
  void evaluations_go_on_until_they_took_too_long_together() throws Exception {
    AtomicLong nanoTime = new AtomicLong();
    EvaluationBudget budget =
        new EvaluationBudget(Turn.ALWAYS, Duration.ofMillis(20), nanoTime::get);

    for (int turn = 0; turn < 4; turn++) {
      budget.take();
      nanoTime.addAndGet(Duration.ofMillis(6).toNanos());
      budget.pass();
      // what passes between two of them is not theirs
      nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    assertThatThrownBy(budget::take)
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("20 ms");
    assertThatThrownBy(budget::take).isInstanceOf(ExpressionException.class);
  }
}
