package io.stepwell.execution;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where an execution stands. Legal transitions stand here and as CHECK constraints, nowhere else.
 */
public enum ExecutionStatus {
  PENDING,
  RUNNING,
  COMPLETED,
  FAILED,
  CANCELLED;

  /** The states that may follow; the ones after FAILED and CANCELLED are by an explicit retry. */
  public Set<ExecutionStatus> next() {
    return switch (this) {
      case PENDING -> EnumSet.of(RUNNING, CANCELLED);
      case RUNNING -> EnumSet.of(COMPLETED, FAILED, CANCELLED);
      case FAILED, CANCELLED -> EnumSet.of(PENDING);
      case COMPLETED -> EnumSet.noneOf(ExecutionStatus.class);
    };
  }

  public boolean isTerminal() {
    return this == COMPLETED || this == FAILED || this == CANCELLED;
  }

  /** Whether an explicit retry may continue an execution in this state. */
  public boolean isRetryable() {
    return next().contains(PENDING);
  }
}
