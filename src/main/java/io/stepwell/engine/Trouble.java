package io.stepwell.engine;

import io.quarkus.narayana.jta.QuarkusTransactionException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells trouble of the infrastructure, which is nobody's fault and passes, from any other. */
final class Trouble {
  // data exceptions, broken constraints, limits of the server: what is wrong is this one row
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static final Set<String> OF_ONE_ROW = Set.of("22", "23", "54");
  private static final int DEEPEST = 12;

  private Trouble() {}

  /** Whether the database, or the way to it, was the cause, and not what was asked of it. */
  static boolean isBehind(Throwable thrown) {
    return isBehind(thrown, DEEPEST);
  }

  private static boolean isBehind(@Nullable Throwable thrown, int depth) {
    if (thrown == null || depth == 0) {
      return false;
    }
    // the transaction manager suppresses what the driver said of a commit
    return thrown instanceof SQLException sql && !isOfOneRow(sql)
        || thrown instanceof QuarkusTransactionException
        || thrown instanceof Unavailable
        || isBehind(thrown.getCause(), depth - 1)
        || Arrays.stream(thrown.getSuppressed()).anyMatch(one -> isBehind(one, depth - 1));
  }

  private static boolean isOfOneRow(SQLException e) {
    @Nullable String state = e.getSQLState();
    return state != null && state.length() == 5 && OF_ONE_ROW.contains(state.substring(0, 2));
  }

  /**
   * Throws on what says that the machine itself cannot go on. A stack that is full belongs to the
   * code that filled it, and is none of that.
   */
  static void rethrowIfFatal(Throwable thrown) {
    for (@Nullable Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof VirtualMachineError error && !(t instanceof StackOverflowError)) {
        throw error;
      }
    }
  }
}
