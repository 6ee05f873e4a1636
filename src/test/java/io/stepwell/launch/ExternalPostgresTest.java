package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.TestDatabase;
import java.util.Optional;
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
