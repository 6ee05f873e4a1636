package io.stepwell.kernel;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import io.stepwell.kernel.Turns.Turn;
import java.util.Objects;

/**
 * One evaluation of a schema, which ends when it takes too much work or time: references can
 * multiply, and refer to themselves without end.
 *
 * <p>What passes between two looks at the clock counts as 20 ms at most, so that a pause of the
 * machine fails nothing. No step takes longer than that.
 */
final class JsonSchemaEvaluation extends ExecutionContext {
  private static final int MAX_STEPS = 5_000_000;
  private static final int MAX_DEPTH = 1_500;
  private static final int MAX_KEPT_ERRORS = 1_000;
  private static final long MAX_NANOS = 250_000_000L;
  private static final long MAX_PAUSE = 20_000_000L;
  private static final int STEPS_BETWEEN_LOOKS = 16;
  private static final ScopedValue<JsonSchemaEvaluation> CURRENT = ScopedValue.newInstance();

  /** Too much work; the message says of what. */
  static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Exhausted(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return Objects.requireNonNull(super.getMessage());
    }
  }

  private final Turn turn;
  private int steps;
  private boolean inTurn;
  private long began;
  private long spent;
  private long looked;
  private int depth;
  private int dropped;

  JsonSchemaEvaluation(ExecutionConfig config, Turn turn) {
    super(config);
    this.turn = turn;
  }

  @Override
  public void evaluationPathAddLast(String token) {
    enter();
    super.evaluationPathAddLast(token);
  }

  @Override
  public void evaluationPathAddLast(int token) {
    enter();
    super.evaluationPathAddLast(token);
  }

  @Override
  public void evaluationPathRemoveLast() {
    depth--;
    super.evaluationPathRemoveLast();
  }

  /** How many violations there were beyond those that were kept. */
  int dropped() {
    return dropped;
  }

  @Override
  public void addError(Error error) {
    // of what is there already the library asks only whether there is any
    if (getErrors().size() < MAX_KEPT_ERRORS) {
      super.addError(error);
    } else {
      dropped++;
    }
  }

  /** Evaluates in its turn, and lets what the library calls find its way here. */
  void run(Runnable work) {
    takeTurn();
    try {
      ScopedValue.where(CURRENT, this).run(work);
    } finally {
      passTurn();
    }
  }

  private void takeTurn() {
    try {
      turn.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Exhausted("could not be checked against its schema before the request was ended");
    }
    inTurn = true;
    looked = System.nanoTime();
    began = looked;
  }

  private void passTurn() {
    if (inTurn) {
      inTurn = false;
      turn.pass();
    }
  }

  /** Ends the evaluation that is going on when it took too long. */
  static void look() {
    if (CURRENT.isBound()) {
      CURRENT.get().lookAtClock();
    }
  }

  private void lookAtClock() {
    long now = System.nanoTime();
    spent += Math.min(now - looked, MAX_PAUSE);
    looked = now;
    if (spent > MAX_NANOS) {
      throw new Exhausted("takes too much time to check against its schema");
    }
    if (now - began > Turns.SLICE_NANOS) {
      passTurn();
      takeTurn();
    }
  }

  private void enter() {
    if (steps % STEPS_BETWEEN_LOOKS == 0) {
      lookAtClock();
    }
    if (++steps > MAX_STEPS) {
      throw new Exhausted("takes too much work to check against its schema");
    }
    if (++depth > MAX_DEPTH) {
      throw new Exhausted("nests too deeply to be checked against its schema");
    }
  }
}
