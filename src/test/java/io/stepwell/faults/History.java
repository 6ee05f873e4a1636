package io.stepwell.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What happened in a run, as the clients, the outside world and the database saw it. Times are of
 * the one clock that they share.
 *
 * @param operations how many things clients wanted done
 * @param succeeded how many of them were acknowledged in the end
 * @param refusals answers that no client should get, whatever fails
 * @param fences results that the engine dropped because the lease was lost
 * @param counted how many executions the service says there are, by status
 */
record History(
    int operations,
    int succeeded,
    List<Accepted> accepted,
    List<String> refusals,
    List<Observed> observed,
    List<Cancelled> cancelled,
    List<Effect> effects,
    List<Told> told,
    List<ExecutionState> executions,
    List<StepState> steps,
    List<Disturbance> disturbances,
    double fences,
    Map<String, Integer> counted) {

  /** An execution was acknowledged. */
  record Accepted(String idempotencyKey, String executionId, Instant at) {}

  /** A client read the status of an execution. */
  record Observed(String executionId, String status, Instant at) {}

  /** A cancel was acknowledged. */
  record Cancelled(String executionId, Instant at) {}

  /**
   * A call reached the outside world.
   *
   * @param key {@code <executionId>:<step name>}
   * @param refused whether its answer asked for another attempt
   */
  record Effect(String key, Instant at, boolean refused) {
    String executionId() {
      return key.substring(0, key.indexOf(':'));
    }
  }

  /**
   * An event that came to a client over however many connections.
   *
   * @param step name, status and attempts of the step that it tells of, empty in other events
   */
  record Told(String stream, String executionId, String event, String id, String step) {}

  /**
   * A committed change of an execution's row.
   *
   * @param token of the lease, empty for none
   */
  record ExecutionState(String id, String status, String token, int claims, Instant at) {
    boolean terminal() {
      return List.of("COMPLETED", "FAILED", "CANCELLED").contains(status);
    }
  }

  /**
   * A committed change of a step's row.
   *
   * @param resumeAt until when it waits, else the epoch
   */
  record StepState(
      String executionId,
      String path,
      String name,
      String status,
      int attempts,
      Instant resumeAt,
      Instant at) {
    boolean terminal() {
      return !status.equals("RUNNING");
    }
  }

  /** A fault, from its begin until it was healed. */
  record Disturbance(String fault, Instant from, Instant until) {
    /** Whether it may have had a hand in something between these times. */
    boolean touches(Instant begin, Instant end, Duration aftermath) {
      return !from.isAfter(end) && !until.plus(aftermath).isBefore(begin);
    }
  }
}
