package io.stepwell.http;

import io.stepwell.kernel.SqlTrouble;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away, or has no room for us now, from a fault of this service. */
final class Outage {
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
    return e instanceof SQLTransientException
        || e instanceof SQLRecoverableException
        || (e.getSQLState() == null
            ? POOL_EXHAUSTED.matcher(String.valueOf(e.getMessage())).find()
            : SqlTrouble.of(e).isOfDatabase());
  }
}
