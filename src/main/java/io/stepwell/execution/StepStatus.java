package io.stepwell.execution;

/** Where a step of an execution stands. A step without a row is PENDING. */
public enum StepStatus {
  PENDING,
  RUNNING,
  COMPLETED,
  FAILED,
  SKIPPED,
  CANCELLED;

  /** Whether the step needs no more work, save by an explicit retry. */
  public boolean isTerminal() {
    return this != PENDING && this != RUNNING;
  }
}
