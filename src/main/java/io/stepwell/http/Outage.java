package io.stepwell.http;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away, or has no room for us now, from a fault of this service. */
final class Outage {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static final Set<String> STATES =
      Set.of(
          "57P01", // admin_shutdown
          "57P02", // crash_shutdown
          "57P03", // cannot_connect_now
          "57P05", // idle_session_timeout
          "57014", // query_canceled: the statement timeout
          "25006", // read_only_sql_transaction: a standby before its promotion
          "3D000", // invalid_catalog_name: the database is being restored, or moved
          "55P03", // lock_not_available
          "58030", // io_error
          "25P03", // idle_in_transaction_session_timeout: we stood still
          "40001", // serialization_failure
          "40P01"); // deadlock_detected
  // no connection; a role that may not log in now; no room for one, on the disk or in memory
  private static final Set<String> CLASSES = Set.of("08", "28", "53");
  // Agroal has no state and no type of its own for it, and more than one way to say it
  private static final Pattern POOL_EXHAUSTED =
      Pattern.compile("acquisition timeout", Pattern.CASE_INSENSITIVE);
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
        || state != null && (CLASSES.contains(firstTwo(state)) || STATES.contains(state))
        || state == null && POOL_EXHAUSTED.matcher(String.valueOf(e.getMessage())).find();
  }

  private static String firstTwo(String state) {
    return state.substring(0, Math.min(2, state.length()));
  }
}
