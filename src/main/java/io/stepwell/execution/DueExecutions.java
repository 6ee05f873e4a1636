package io.stepwell.execution;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import javax.sql.DataSource;

/** Says over all workspaces when an execution next needs a replica. */
@ApplicationScoped
class DueExecutions {
  /** Counting further would only make the answer dearer: so many want every replica there is. */
  static final int COUNTED = 10_000;

  // both parts are served by execution_queue_due, from its beginning
  private static final String NEXT_DUE =
      """
      select
        (select min(due_at) from execution_queue where due_at < 'infinity') as next_due_at,
        (select count(*) from (
          select 1 from execution_queue
          where due_at <= now()
          limit ?) due) as due
      """;

  private final DataSource database;

  DueExecutions(@Named("instance") DataSource database) {
    this.database = database;
  }

  /**
   * What waits for a replica.
   *
   * @param nextDueAt when the first execution is due, in the past where one is due already. One
   *     that runs is due when its lease ends: then its replica must have died
   * @param due how many are due now, up to {@link #COUNTED}
   */
  record Due(Optional<Instant> nextDueAt, int due) {}

  Due look() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(NEXT_DUE)) {
      statement.setInt(1, COUNTED);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Due(
            Optional.ofNullable(row.getTimestamp("next_due_at")).map(Timestamp::toInstant),
            row.getInt("due"));
      }
    }
  }
}
