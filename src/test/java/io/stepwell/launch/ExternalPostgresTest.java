package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class ExternalPostgresTest {
  @Test
  void a_recent_postgresql_will_do() {
    try (TestDatabase database = TestDatabase.empty()) {
      assertThatCode(() ->
              ExternalPostgres.check(
                  address(database.jdbcUrl(), database.username(), database.password())))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void sessions_that_are_opened_after_it_have_our_settings() throws SQLException {
    try (TestDatabase database = TestDatabase.empty()) {
      ExternalPostgres.Found found =
          ExternalPostgres.check(
              address(database.jdbcUrl(), database.username(), database.password()));

      assertThat(found).isEqualTo(new ExternalPostgres.Found(0, 0, false));
      assertThat(settings(database.dataSource())).isEqualTo("10s off off");
    }
  }

  @Test
  void a_migration_may_wait_and_read_whole_tables() throws SQLException {
    try (TestDatabase database = TestDatabase.empty()) {
      DatabaseAddress address =
          address(database.jdbcUrl(), database.username(), database.password());
      ExternalPostgres.check(address);

      DataSource direct = address.connectionsForMigrations(Duration.ofMinutes(1), false);
      DataSource pooled = address.connectionsForMigrations(Duration.ofMinutes(1), true);

      assertThat(settings(direct)).isEqualTo("0 on off");
      assertThat(settings(pooled)).isEqualTo("10s off off");
    }
  }

  private static String settings(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select concat_ws(' ', current_setting('idle_in_transaction_session_timeout'),
                  current_setting('enable_seqscan'), current_setting('jit'))
                """)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void postgresql_14_is_refused_by_name() {
    assertThatThrownBy(() -> ExternalPostgres.requireRecent(14, "14.19"))
        .isInstanceOf(LaunchException.class)
        .hasMessage("PostgreSQL 14.19 is too old: Stepwell needs PostgreSQL 15 or later.");
  }

  @Test
  void a_database_that_does_not_exist_is_said_at_once() {
    try (TestDatabase database = TestDatabase.empty()) {
      String absent = database.jdbcUrl() + "_absent";
      assertThatThrownBy(() ->
              ExternalPostgres.check(address(absent, database.username(), database.password())))
          .isInstanceOf(LaunchException.class)
          .hasMessageContaining("_absent");
    }
  }

  @Test
  void an_address_of_another_kind_of_database_is_refused() {
    assertThatThrownBy(() -> ExternalPostgres.check(address("jdbc:h2:mem:x", "sa", "")))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("jdbc:postgresql:");
  }

  private static DatabaseAddress address(String url, String username, String password) {
    return new DatabaseAddress(url, Optional.of(username), Optional.of(password));
  }
}
