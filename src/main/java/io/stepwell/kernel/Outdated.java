package io.stepwell.kernel;

/**
 * Whether the schema has moved on past this release, so that it must accept and claim nothing more.
 * Thread-safe.
 */
public final class Outdated {
  private volatile boolean outdated;

  public boolean isSo() {
    return outdated;
  }

  /** Returns whether that is news. */
  public boolean set(boolean is) {
    boolean news = outdated != is;
    outdated = is;
    return news;
  }

  /**
   * @throws Failure UNAVAILABLE when it is so: another replica may be newer
   */
  public void refuse() {
    if (outdated) {
      throw Failure.of(
          Failure.Kind.UNAVAILABLE,
          "unavailable",
          "This replica is too old for the database's schema.");
    }
  }
}
