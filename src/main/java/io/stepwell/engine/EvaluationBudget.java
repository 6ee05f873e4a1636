package io.stepwell.engine;

import io.stepwell.expression.ExpressionException;
import io.stepwell.kernel.Turns.Turn;
import java.time.Duration;
import java.util.function.LongSupplier;

/** The turns of one run of an execution, until all its evaluations took too long together. */
final class EvaluationBudget implements Turn {
  private final Turn turn;
  private final Duration most;
  private final LongSupplier nanoTime;
  private long spent;
  private long since;

  EvaluationBudget(Turn turn, Duration most) {
    this(turn, most, System::nanoTime);
  }

  EvaluationBudget(Turn turn, Duration most, LongSupplier nanoTime) {
    this.turn = turn;
    this.most = most;
    this.nanoTime = nanoTime;
  }

  /**
   * @throws ExpressionException when nothing is left
   */
  @Override
  public void take() throws InterruptedException {
    if (spent > most.toNanos()) {
      throw new ExpressionException(
          "All expressions of this execution together took longer than "
              + most.toMillis()
              + " ms.");
    }
    turn.take();
    since = nanoTime.getAsLong();
  }

  @Override
  public void pass() {
    spent += nanoTime.getAsLong() - since;
    turn.pass();
  }
}
