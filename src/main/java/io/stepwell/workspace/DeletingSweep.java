package io.stepwell.workspace;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Deletes rows by one statement a batch.
 *
 * @param table what is deleted from: the metric names it
 * @param sql ends with a {@code limit ?} and {@code for update skip locked} of those that it takes,
 *     so that it waits for nobody
 * @param parameters those before the limit; an {@link Instant} is a time
 */
public record DeletingSweep(String table, String sql, List<Object> parameters)
    implements Retention.Sweep {
  static final int ROWS = 1_000;

  @Override
  public boolean batch(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = 1;
      for (Object parameter : parameters) {
        statement.setObject(
            next++,
            parameter instanceof Instant time
                ? OffsetDateTime.ofInstant(time, ZoneOffset.UTC)
                : parameter);
      }
      statement.setInt(next, ROWS);
      int deleted = statement.executeUpdate();
      Retention.count(table, deleted);
      return deleted >= ROWS;
    }
  }
}
