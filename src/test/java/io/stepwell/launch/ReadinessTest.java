package io.stepwell.launch;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

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
class ReadinessTest {
  private final DataSource database = TestDatabase.ofService();

  @Test
  void the_service_is_ready_as_soon_as_it_has_started() {
    given().get("/q/health/ready").then().statusCode(200).body("status", is("UP"));
  }

  @Test
  void the_database_is_a_postgresql_15_or_later_that_keeps_what_it_commits() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select current_setting('server_version_num')::int,
                       current_setting('fsync'),
                       current_setting('synchronous_commit')
                """)) {
      row.next();
      assertThat(row.getInt(1)).isGreaterThanOrEqualTo(150000);
      assertThat(row.getString(2)).isEqualTo("on");
      assertThat(row.getString(3)).isEqualTo("on");
    }
  }

  @Test
  void all_connections_are_open_soon_after_the_start() {
    await().atMost(Duration.ofSeconds(30)).until(this::connections, is(greaterThanOrEqualTo(16L)));
  }

  private long connections() throws SQLException {
    return count(
        """
        select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'stepwell'
        """);
  }

  @Test
  void the_migrations_have_run() throws SQLException {
    assertThat(count("select count(*) from flyway_schema_history where success")).isPositive();
  }

  private long count(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
