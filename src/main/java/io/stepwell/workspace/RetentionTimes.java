package io.stepwell.workspace;

import io.quarkus.runtime.configuration.DurationConverter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells which time is long enough ago, of each kind of rows.
 *
 * <p>A time is a duration such as {@code 90d}; {@code 0} and {@code never} mean that nothing goes.
 */
@Singleton
public class RetentionTimes {
  private final Optional<Duration> executions;
  private final Optional<Duration> audit;
  private final Optional<Duration> keys;
  private final InstantSource time;

  @Inject
  RetentionTimes(RetentionConfig config, InstantSource time) {
    this(config.executions(), config.audit(), config.keys(), time);
  }

  public RetentionTimes(String executions, String audit, String keys, InstantSource time) {
    this.executions = parse("executions", executions);
    this.audit = parse("audit", audit);
    this.keys = parse("keys", keys);
    this.time = time;
  }

  private static Optional<Duration> parse(String name, String text) {
    if (text.strip().equalsIgnoreCase("never")) {
      return Optional.empty();
    }
    Duration duration = DurationConverter.parseDuration(text);
    if (duration.isNegative()) {
      throw new IllegalArgumentException("stepwell.retention." + name + " is negative");
    }
    return Optional.of(duration).filter(d -> !d.isZero());
  }

  public Instant now() {
    return time.instant();
  }

  /**
   * What ended before it may go; empty where nothing may.
   *
   * @param days what the workspace says, {@code null} for nothing
   */
  public Optional<Instant> executionsBefore(@Nullable Integer days) {
    return days == null ? executions.map(this::ago) : Optional.of(ago(Duration.ofDays(days)));
  }

  /** For how many days a workspace may keep its executions at most by its own will. */
  Optional<Long> mostDays() {
    return executions.map(kept -> Math.max(1, kept.toDays()));
  }

  Optional<Instant> auditBefore() {
    return audit.map(this::ago);
  }

  Optional<Instant> keysBefore() {
    return keys.map(this::ago);
  }

  private Instant ago(Duration duration) {
    return now().minus(duration);
  }
}
