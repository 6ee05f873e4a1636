package io.stepwell.launch;

import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Where a PostgreSQL database is and who we are there. */
record DatabaseAddress(String jdbcUrl, Optional<String> username, Optional<String> password) {
  private static final int CONNECT_SECONDS = 5;
  private static final int LOGIN_SECONDS = 10;

  /**
   * Opens a connection a call.
   *
   * @param silence how long the server may leave a question unanswered; zero: as long as it can be
   *     reached
   */
  DataSource connections(Duration silence) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(jdbcUrl);
    username.ifPresent(source::setUser);
    password.ifPresent(source::setPassword);
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setLoginTimeout(LOGIN_SECONDS);
    source.setSocketTimeout((int) silence.toSeconds());
    source.setTcpKeepAlive(true);
    source.setApplicationName("stepwell");
    return source;
  }
}
