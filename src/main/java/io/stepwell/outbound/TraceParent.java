package io.stepwell.outbound;

import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * The place of one call within an execution's trace, as the {@code traceparent} header says it (W3C
 * Trace Context, version 00). All calls of an execution share its trace id.
 */
public record TraceParent(String traceId, String spanId) {

  /** A new span in the trace of an execution. */
  public static TraceParent forExecution(UUID executionId) {
    return forExecution(executionId, ThreadLocalRandom.current());
  }

  static TraceParent forExecution(UUID executionId, RandomGenerator random) {
    HexFormat hex = HexFormat.of();
    // all zeros is no span id
    long span = random.nextLong(1, Long.MAX_VALUE);
    return new TraceParent(
        hex.toHexDigits(executionId.getMostSignificantBits())
            + hex.toHexDigits(executionId.getLeastSignificantBits()),
        hex.toHexDigits(span));
  }

  /** The header's value, sampled. */
  public String header() {
    return "00-" + traceId + "-" + spanId + "-01";
  }
}
