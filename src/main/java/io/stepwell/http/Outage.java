package io.stepwell.http;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;

/** Tells a database that is away, or has no room for us now, from a fault of this service. */
final class Outage {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static final Set<String> STATES =
      Set.of(
          "57P01", // admin_shutdown
          "57P02", // crash_shutdown
          "57P03", // cannot_connect_now
          "57014", // query_canceled: the statement timeout
          "53300", // too_many_connections
          "25006", // read_only_sql_transaction: a standby before its promotion
          "40001", // serialization_failure
          "40P01"); // deadlock_detected
  private static final int DEEPEST = 16;

  private Outage() {}

  static boolean isBehind(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof SQLException sql && isOutage(sql)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static boolean isOutage(SQLException e) {
    String state = e.getSQLState();
    return e instanceof SQLTransientException
        || e instanceof SQLRecoverableException
        || state != null && (state.startsWith("08") || STATES.contains(state))
        // Agroal has no state and no type of its own for an exhausted pool
        || state == null && String.valueOf(e.getMessage()).contains("Acquisition timeout");
  }
}
