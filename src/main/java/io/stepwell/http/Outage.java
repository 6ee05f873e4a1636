package io.stepwell.http;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away, or has no room for us now, from a fault of this service. */
final class Outage {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static final Set<String> STATES =
      Set.of(
          "57P01", // admin_shutdown
          "57P02", // crash_shutdown
          "57P03", // cannot_connect_now
          "57014", // query_canceled: the statement timeout
          "25006", // read_only_sql_transaction: a standby before its promotion
          "25P03", // idle_in_transaction_session_timeout: we stood still
          "40001", // serialization_failure
          "40P01"); // deadlock_detected
  private static final int DEEPEST = 12;

  private Outage() {}

  static boolean isBehind(Throwable thrown) {
    return isBehind(thrown, DEEPEST);
  }

  private static boolean isBehind(@Nullable Throwable thrown, int depth) {
    if (thrown == null || depth == 0) {
      return false;
    }
    // the transaction manager suppresses what the driver said of a commit
    return thrown instanceof SQLException sql && isOutage(sql)
        || isBehind(thrown.getCause(), depth - 1)
        || Arrays.stream(thrown.getSuppressed()).anyMatch(one -> isBehind(one, depth - 1));
  }

  private static boolean isOutage(SQLException e) {
    String state = e.getSQLState();
    return e instanceof SQLTransientException
        || e instanceof SQLRecoverableException
        // no connection; no room for one, on the disk or in memory
        || state != null
            && (state.startsWith("08") || state.startsWith("53") || STATES.contains(state))
        // Agroal has no state and no type of its own for an exhausted pool
        || state == null && String.valueOf(e.getMessage()).contains("Acquisition timeout");
  }
}
