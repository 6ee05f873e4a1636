package io.stepwell.kernel;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a failed statement says of the next try: the one place that reads the codes of the database.
 *
 * <p>Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
public enum SqlTrouble {
  /** The database will never take this row: its data, a constraint, or a limit of the database. */
  ROW,
  /** Another session holds a lock: nothing was written, and trying again helps. */
  LOCK,
  /** The database cannot be reached, or takes no writes now; what was sent may be written. */
  AWAY,
  /**
   * The database has no room for it, on the disk or in memory, or no time: a later try may help.
   */
  EXHAUSTED,
  /** Anything else. It says nothing of the row, nor of the database: a later try may help. */
  UNKNOWN;

  public static SqlTrouble of(Exception e) {
    if (!(e instanceof SQLException sql)) {
      // our own code could not write the row
      return ROW;
    }
    @Nullable String state = sql.getSQLState();
    if (state == null || state.length() < 2) {
      // the pool has no code for a connection that it cannot give
      return AWAY;
    }
    return switch (state) {
      // lock_not_available, serialization_failure, deadlock_detected
      case "55P03", "40001", "40P01" -> LOCK;
      // read_only_sql_transaction, idle_in_transaction_session_timeout
      case "25006", "25P03" -> AWAY;
      // admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout
      case "57P01", "57P02", "57P03", "57P04", "57P05" -> AWAY;
      // query_canceled: the statement timeout; io_error
      case "57014", "58030" -> EXHAUSTED;
      default ->
          switch (state.substring(0, 2)) {
            case "22", "23", "54" -> ROW;
            // no connection; a role that may not log in now; a database that is restored, or moved
            case "08", "28", "3D" -> AWAY;
            case "53" -> EXHAUSTED;
            default -> UNKNOWN;
          };
    };
  }

  /** Whether it is the fault of the database as it is now, and not of the statement. */
  public boolean isOfDatabase() {
    return this == LOCK || this == AWAY || this == EXHAUSTED;
  }
}
