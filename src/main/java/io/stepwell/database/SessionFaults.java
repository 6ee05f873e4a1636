package io.stepwell.database;

import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ExceptionSorter;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.quarkus.agroal.runtime.JdbcDriver;
import io.quarkus.arc.Unremovable;
import io.quarkus.jdbc.postgresql.runtime.PostgreSQLAgroalConnectionConfigurer;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Set;

/**
 * Has the pools look at every error of a statement, and give up the sessions that it condemns.
 *
 * <p>Otherwise a pool keeps a session until it is closed: after a failover, or a time in which the
 * database was read-only, the pool would be full of sessions that are alive and useless.
 */
@Singleton
@Unremovable
@Alternative
@Priority(1)
@JdbcDriver("postgresql")
class SessionFaults extends PostgreSQLAgroalConnectionConfigurer {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static final String NO_CONNECTION = "08";
  private static final String READ_ONLY = "25006";
  private static final Set<String> SERVER_ENDS = Set.of("57P01", "57P02", "57P03");
  // a time limit has ended this session alone: idle in a transaction, a long transaction, idle
  private static final Set<String> SESSION_ENDED = Set.of("25P03", "25P04", "57P05");

  private final Instance<Pools> pools;

  SessionFaults(Instance<Pools> pools) {
    this.pools = pools;
  }

  @Override
  public void setExceptionSorter(
      String databaseKind, AgroalDataSourceConfigurationSupplier configuration) {
    ExceptionSorter sorter = this::condemn;
    configuration.connectionPoolConfiguration().exceptionSorter(sorter);
  }

  /** Whether its session is of no more use; what is true of all sessions renews them all. */
  private boolean condemn(SQLException error) {
    String state = String.valueOf(error.getSQLState());
    boolean ends = state.startsWith(NO_CONNECTION) || SERVER_ENDS.contains(state);
    if (ends || state.equals(READ_ONLY)) {
      pools.get().renew();
    }
    return ends || SESSION_ENDED.contains(state);
  }
}
