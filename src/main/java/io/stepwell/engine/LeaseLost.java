package io.stepwell.engine;

/**
 * Somebody else has the execution, or it was cancelled, or this replica stops: the runner drops
 * what it has and leaves.
 */
final class LeaseLost extends Exception {
  private static final long serialVersionUID = 1L;

  LeaseLost() {
    super("the lease is lost", null, false, false);
  }
}
