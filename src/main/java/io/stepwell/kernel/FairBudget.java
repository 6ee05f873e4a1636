package io.stepwell.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Divides a fixed amount, of slots or of bytes, among workspaces, so that none of them can take all
 * of it and each of them always finds something left.
 *
 * <p>A workspace may hold up to {@code share} of what the others have left over. With a share of
 * three quarters and a total of 256 one workspace alone gets 192, two get 110 each, three get 77
 * each; some of it is always free for the next one. This is the dynamic threshold by which switches
 * share their buffers (A. K. Choudhury and E. L. Hahne, 1998). Thread-safe.
 */
public final class FairBudget {
  private final long total;
  private final double share;
  private final Map<UUID, Long> held = new HashMap<>();
  private long used;

  /**
   * @param share above 0, up to 1: of what the others leave
   */
  public FairBudget(long total, double share) {
    if (total < 0) {
      throw new IllegalArgumentException("a budget cannot be " + total);
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a share is above 0 and at most 1, and not " + share);
    }
    this.total = total;
    this.share = share;
  }

  /**
   * Takes an amount for a workspace, if it may have it. One that holds nothing yet may take
   * whatever is free.
   */
  public synchronized boolean take(UUID workspace, long amount) {
    long own = held.getOrDefault(workspace, 0L);
    if (amount > total - used || (own > 0 && own + amount > share * (total - used + own))) {
      return false;
    }
    held.put(workspace, own + amount);
    used += amount;
    return true;
  }

  /** Gives back what a workspace took. */
  public synchronized void give(UUID workspace, long amount) {
    long own = held.getOrDefault(workspace, 0L);
    if (amount > own) {
      throw new IllegalStateException("a workspace gives back more than it took");
    }
    used -= amount;
    if (amount == own) {
      held.remove(workspace);
    } else {
      held.put(workspace, own - amount);
    }
  }

  /** What no workspace holds. */
  public synchronized long free() {
    return total - used;
  }

  public long total() {
    return total;
  }
}
