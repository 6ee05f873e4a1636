package io.stepwell.workflow;

/**
 * How often and when a failed attempt is repeated: after {@code delayMs × factor^(n-1)}, at most
 * {@code maxDelayMs}, for the n-th retry.
 *
 * @param maxRetries attempts after the first, 1 to 10
 * @param jitter whether each delay varies at random, by up to a quarter of {@code delayMs}
 */
public record RetryPolicy(
    int maxRetries, long delayMs, double factor, long maxDelayMs, boolean jitter) {
  public static final RetryPolicy DEFAULT = new RetryPolicy(3, 500, 2, 30_000, true);

  /** The delay before retry {@code n} (from 1), before jitter, in milliseconds. */
  public long delayBefore(int n) {
    return (long) Math.min((double) maxDelayMs, delayMs * Math.pow(factor, n - 1.0));
  }
}
