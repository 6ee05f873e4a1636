package io.stepwell.workspace;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * What one replica at a time does, once in a while: a row says when it is due, and who has it.
 *
 * <p>It is a lease as that of an execution: whoever says nothing for {@link #LEASE} has lost it. It
 * spares work and is no fence: two who believe to have it do no harm to each other.
 */
final class Duty {
  static final Duration LEASE = Duration.ofMinutes(1);

  // a replica that has just started need not wait until it is due, unless another one is at it
  private static final String TAKE =
      """
      insert into duty as d (name, due_at, token)
      values (?, clock_timestamp() + ? * interval '1 millisecond', ?)
      on conflict (name) do update
      set due_at = excluded.due_at, token = excluded.token
      where d.due_at <= clock_timestamp() or ? and d.token is null
      """;

  private static final String POSTPONE =
      """
      update duty
      set due_at = now() + ? * interval '1 millisecond', token = case when ? then token end
      where name = ? and token = ?
      """;

  private final DataSource database;
  private final String name;
  private final UUID token = UUID.randomUUID();

  Duty(DataSource database, String name) {
    this.database = database;
    this.name = name;
  }

  /**
   * Takes it where it is due.
   *
   * @param early also where it is not due yet
   */
  boolean take(boolean early) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(TAKE)) {
      statement.setString(1, name);
      statement.setLong(2, LEASE.toMillis());
      statement.setObject(3, token);
      statement.setBoolean(4, early);
      return statement.executeUpdate() == 1;
    }
  }

  /** Keeps it for another {@link #LEASE}; false where another replica has it by now. */
  boolean keep() throws SQLException {
    return postpone(LEASE, true);
  }

  /** Lets it go until it is due again. */
  void done(Duration next) throws SQLException {
    postpone(next, false);
  }

  private boolean postpone(Duration time, boolean kept) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(POSTPONE)) {
      statement.setLong(1, time.toMillis());
      statement.setBoolean(2, kept);
      statement.setString(3, name);
      statement.setObject(4, token);
      return statement.executeUpdate() == 1;
    }
  }
}
