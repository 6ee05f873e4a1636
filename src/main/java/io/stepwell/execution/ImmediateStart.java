package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Starts executions on this replica at the moment they are accepted, where it has room for them:
 * what is stored then has a lease already, so that no claim follows.
 */
public interface ImmediateStart {

  /** A slot for one execution of the workspace; empty where it has to wait in the queue. */
  Optional<Slot> take(UUID workspaceId);

  /** A slot that is held for one execution, until it starts or the slot is freed. */
  interface Slot {
    /** The lease that is stored with the execution. */
    UUID token();

    /** How long that lease lasts from the moment the execution is stored. */
    Duration lease();

    /** The execution is durable, with the token: it runs now. */
    void start(Accepted accepted);

    /** The execution was not stored with the token. */
    void free();
  }

  /**
   * An execution that is stored with a lease.
   *
   * @param startedAt when it was stored, by the database's clock
   * @param askedAt when it was sent to the database, on {@link System#nanoTime}: its lease ends
   *     this much later at the earliest
   */
  record Accepted(
      ExecutionEntity execution, JsonNode triggerData, Instant startedAt, long askedAt) {}
}
