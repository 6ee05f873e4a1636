package io.stepwell.workspace;

import io.micrometer.core.instrument.Metrics;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Deletes one kind of rows once it is old, or all of them once their workspace is deleted.
 *
 * <p>Beans of it are asked for each workspace, those with a higher {@code Priority} first: a
 * workspace's rows go from the leaves to the root.
 */
public interface Retention {
  int EXECUTIONS = 50;
  int STATISTICS = 40;
  int WORKFLOWS = 30;
  int KEYS = 20;
  int WORKSPACES = 10;

  /**
   * A workspace to look after.
   *
   * @param deleted whether all of it is to go
   * @param retentionDays for how long it keeps ended executions, {@code null} as the operator has
   *     it
   */
  record Subject(UUID workspaceId, boolean deleted, @Nullable Integer retentionDays) {}

  /** One look at one workspace. */
  @FunctionalInterface
  interface Sweep {
    /** Has nothing to do. */
    Sweep NOTHING = connection -> false;

    /**
     * Deletes one small batch at most, and waits for nobody's lock longer than a second.
     *
     * @param connection commits each statement by itself
     * @return whether there may be more
     */
    boolean batch(Connection connection) throws SQLException;
  }

  /** Counts rows that are gone. */
  static void count(String table, int rows) {
    Metrics.counter("stepwell.retention.deleted.rows", "table", table).increment(rows);
  }

  /** What to do in a workspace; {@link Sweep#NOTHING} where nothing can be old. */
  Sweep of(Subject workspace);
}
