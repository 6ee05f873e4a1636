package io.stepwell.engine;

import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
class IdleTest {
  private static final Duration WINDOW = Duration.ofSeconds(4);

  private final DataSource database = TestDatabase.ofService();

  /** How many transactions the server has counted in our database. */
  private long transactions() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select xact_commit + xact_rollback from pg_stat_database"
                    + " where datname = current_database()")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** One a second to look at the queue; the rest is what the test itself asks and a margin. */
  @Test
  void a_replica_without_work_asks_little() {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              long before = transactions();
              await().pollDelay(WINDOW).atMost(WINDOW.multipliedBy(3)).until(() -> true);
              return transactions() - before;
            },
            asked -> asked <= 2 * WINDOW.toSeconds());
  }
}
