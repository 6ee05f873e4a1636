package io.stepwell.kernel;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Makes UUIDs of version 7 (RFC 9562): ids of one process grow strictly, so that ordering by id is
 * ordering by creation. Thread-safe.
 */
public final class Ids {
  private static final Pattern CANONICAL =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final int SUB_MILLIS = 4096;
  private static final UUID GREATEST = new UUID(-1, -1);

  private final InstantSource time;
  private final SecureRandom random = new SecureRandom();
  private final AtomicLong last = new AtomicLong();

  public Ids(InstantSource time) {
    this.time = time;
  }

  /** A new id, greater than every one that this instance gave before. */
  public UUID next() {
    // rand_a counts within the millisecond (RFC 9562 section 6.2, method 1)
    long tick =
        last.accumulateAndGet(
            time.millis() * SUB_MILLIS, (before, now) -> Math.max(before + 1, now));
    long most = (tick / SUB_MILLIS) << 16 | 0x7000L | tick % SUB_MILLIS;
    long least = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
    return new UUID(most, least);
  }

  /**
   * The least id of version 7 that can be given out at that time; {@link Instant#MAX} is after
   * every id.
   */
  public static UUID firstAt(Instant time) {
    if (time.equals(Instant.MAX)) {
      return GREATEST;
    }
    // a time within a millisecond is after every id of that millisecond's beginning
    long millis =
        time.equals(Instant.MIN)
            ? 0
            : time.toEpochMilli() + (time.equals(time.truncatedTo(ChronoUnit.MILLIS)) ? 0 : 1);
    return new UUID(Math.max(0, millis) << 16, 0);
  }

  /** Reads a canonical UUID; upper case is accepted, anything else is empty. */
  public static Optional<UUID> parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return CANONICAL.matcher(lower).matches()
        ? Optional.of(UUID.fromString(lower))
        : Optional.empty();
  }
}
