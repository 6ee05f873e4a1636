package io.stepwell.kernel;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import java.util.Objects;

/**
 * One evaluation of a schema, which ends when it takes too much work: references can multiply, and
 * refer to themselves without end.
 */
final class JsonSchemaEvaluation extends ExecutionContext {
  private static final int MAX_STEPS = 5_000_000;
  private static final int MAX_DEPTH = 1_500;
  private static final int MAX_ERRORS = 20_000;

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

  private int steps;
  private int depth;
  private int errors;

  JsonSchemaEvaluation(ExecutionConfig config) {
    super(config);
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

  @Override
  public void addError(Error error) {
    if (++errors > MAX_ERRORS) {
      throw new Exhausted("violates its schema in too many places");
    }
    super.addError(error);
  }

  private void enter() {
    if (++steps > MAX_STEPS) {
      throw new Exhausted("takes too much work to check against its schema");
    }
    if (++depth > MAX_DEPTH) {
      throw new Exhausted("nests too deeply to be checked against its schema");
    }
  }
}
