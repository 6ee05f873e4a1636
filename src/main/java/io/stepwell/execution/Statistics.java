package io.stepwell.execution;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a set of executions came to.
 *
 * @param successRate COMPLETED of COMPLETED and FAILED in percent, two decimals; {@code null} when
 *     nothing has finished
 * @param averageDurationMs of COMPLETED and FAILED ones, as are the percentiles, which are at most
 *     0.4 % off
 */
public record Statistics(
    long total,
    Map<ExecutionStatus, Long> byStatus,
    @Nullable Double successRate,
    @Nullable Long averageDurationMs,
    @Nullable Long p50DurationMs,
    @Nullable Long p95DurationMs) {}
