package io.stepwell.launch;

import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where a PostgreSQL database is and who we are there. */
record DatabaseAddress(String jdbcUrl, Optional<String> username, Optional<String> password) {
  private static final int CONNECT_SECONDS = 5;
  private static final int LOGIN_SECONDS = 10;

  /** The same database as somebody else. */
  DatabaseAddress as(String role, Optional<String> itsPassword) {
    return new DatabaseAddress(jdbcUrl, Optional.of(role), itsPassword);
  }

  /**
   * Opens a connection a call.
   *
   * @param silence how long the server may leave a question unanswered; zero: as long as it can be
   *     reached
   */
  DataSource connections(Duration silence) {
    return source(silence);
  }

  /**
   * The same, for migrations.
   *
   * @param pooled whether a pooler stands between, which lets no options through
   */
  DataSource connectionsForMigrations(Duration silence, boolean pooled) {
    PGSimpleDataSource source = source(silence);
    if (!pooled) {
      String own = source.getOptions() == null ? "" : source.getOptions() + " ";
      source.setOptions(own + RoleSettings.OPTIONS_OF_MIGRATIONS);
    }
    return source;
  }

  private PGSimpleDataSource source(Duration silence) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(jdbcUrl);
    username.ifPresent(source::setUser);
    password.ifPresent(source::setPassword);
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setLoginTimeout(LOGIN_SECONDS);
    source.setSocketTimeout((int) silence.toSeconds());
    source.setTcpKeepAlive(true);
    // behind a pooler the next transaction may be in another session, which has not prepared it
    source.setPrepareThreshold(0);
    source.setApplicationName("stepwell");
    return source;
  }
}
