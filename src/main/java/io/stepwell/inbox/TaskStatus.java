package io.stepwell.inbox;

/**
 * Where a task stands: OPEN and IN_PROGRESS may become any other, DONE and CANCELLED stay what they
 * are.
 */
public enum TaskStatus {
  OPEN,
  IN_PROGRESS,
  DONE,
  CANCELLED;

  public boolean isTerminal() {
    return this == DONE || this == CANCELLED;
  }
}
