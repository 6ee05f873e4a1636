package io.stepwell.engine;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import javax.sql.DataSource;

/** The database's clock, for connections as {@link DrivenByHand} opens them; it can be turned. */
final class DatabaseTime {
  private static final String INSTALL =
      """
      create schema if not exists turned;
      create table if not exists turned.ahead (minutes int not null);
      delete from turned.ahead;
      insert into turned.ahead values (0);
      create or replace function turned.now() returns timestamptz language sql stable as $$
        select pg_catalog.now() + minutes * interval '1 minute' from turned.ahead
      $$;
      create or replace function turned.clock_timestamp() returns timestamptz
      language sql volatile as $$
        select pg_catalog.clock_timestamp() + minutes * interval '1 minute' from turned.ahead
      $$;
      grant usage on schema turned to public;
      grant select on turned.ahead to public
      """;

  private final DataSource database;

  DatabaseTime(DataSource database) throws SQLException {
    this.database = database;
    execute(INSTALL);
  }

  /** Lets minutes pass since the time of the server. */
  Instant set(long minutes) throws SQLException {
    execute("update turned.ahead set minutes = " + minutes);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select now()")) {
      row.next();
      return row.getTimestamp(1).toInstant();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
