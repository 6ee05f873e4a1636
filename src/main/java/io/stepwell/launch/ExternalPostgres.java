package io.stepwell.launch;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.postgresql.jdbc.PgConnection;

/** Says before the start whether the operator's PostgreSQL will do. */
final class ExternalPostgres {
  static final int OLDEST_VERSION = 15;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private ExternalPostgres() {}

  /**
   * What was found at the address.
   *
   * @param schema the newest migration that the database has, 0 for none
   * @param needs the newest migration that a release must know at least to work on it
   * @param pooled whether a pooler stands between: then a session of ours may be another one of the
   *     server's at every transaction
   */
  record Found(int schema, int needs, boolean pooled) {}

  /**
   * Looks when the server answers and is recent enough, and has the settings of our sessions made
   * where they are missing. Waits a while for a server that is not up yet, as where both start
   * together.
   *
   * @throws LaunchException when it is too old, out of reach, or refuses us
   */
  static Found check(DatabaseAddress address) {
    if (!address.jdbcUrl().startsWith("jdbc:postgresql:")) {
      throw new LaunchException(
          "QUARKUS_DATASOURCE_JDBC_URL must begin with jdbc:postgresql: (it names no other database).");
    }
    DataSource connections = address.connections(SILENCE);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection connection = connections.getConnection()) {
        DatabaseMetaData server = connection.getMetaData();
        requireRecent(server.getDatabaseMajorVersion(), server.getDatabaseProductVersion());
        RoleSettings.ensure(connection);
        return new Found(
            Schema.version(connection), Schema.needs(connection), isPooled(connection));
      } catch (SQLException failure) {
        if (!mayPass(failure) || System.nanoTime() > deadline) {
          throw new LaunchException(
              "Cannot use the PostgreSQL of QUARKUS_DATASOURCE_JDBC_URL: "
                  + LaunchException.line(failure),
              failure);
        }
        LockSupport.parkNanos(RETRY.toNanos());
      }
    }
  }

  /** A pooler tells its clients ids of its own, by which they may cancel. */
  private static boolean isPooled(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1) != connection.unwrap(PgConnection.class).getBackendPID();
    }
  }

  static void requireRecent(int major, String version) {
    if (major < OLDEST_VERSION) {
      throw new LaunchException(
          "PostgreSQL %s is too old: Stepwell needs PostgreSQL %d or later."
              .formatted(version, OLDEST_VERSION));
    }
  }

  /** Class 08: no connection; 57P03: the server is starting up. */
  private static boolean mayPass(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && (state.startsWith("08") || state.equals("57P03"));
  }
}
