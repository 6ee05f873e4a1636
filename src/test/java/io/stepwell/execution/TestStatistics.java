package io.stepwell.execution;

import javax.sql.DataSource;

/** Statistics on a test's own database, for tests of other rooms. */
public final class TestStatistics {
  private TestStatistics() {}

  public static ExecutionStatistics on(DataSource database) {
    return new ExecutionStatistics(database);
  }
}
