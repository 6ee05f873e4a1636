package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApiRoleTest {
  private static final String ROLE = EmbeddedPostgres.Server.API_USER;

  private final TestDatabase database = TestDatabase.migrated();
  private final DatabaseAddress owner =
      new DatabaseAddress(
          database.jdbcUrl(), Optional.of(database.username()), Optional.of(database.password()));

  @BeforeAll
  static void onlyOnTheEmbeddedServer() {
    assumeTrue(
        TestDatabase.apiUsername().filter(ROLE::equals).isPresent(), "roles are the operator's");
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void a_role_that_is_not_there_is_refused_in_a_line() {
    assertRefused("nobody_at_all", "nobody_at_all");
  }

  @Test
  void the_owner_is_refused_since_nothing_holds_it() {
    assertRefused(database.username(), "sees every workspace");
  }

  @Test
  void a_member_of_the_owner_is_refused_as_well() throws SQLException {
    execute("create role stepwell_member login in role " + database.username());
    try {
      assertRefused("stepwell_member", "sees every workspace");
    } finally {
      execute("drop owned by stepwell_member; drop role stepwell_member");
    }
  }

  @Test
  void a_user_in_the_address_is_refused_since_requests_would_have_it() {
    DatabaseAddress named =
        new DatabaseAddress(
            database.jdbcUrl() + "?user=" + database.username(),
            Optional.of(database.username()),
            Optional.of(database.password()));
    assertThatThrownBy(() -> ApiRole.prepare(settings(Optional.of(ROLE)), named))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("QUARKUS_DATASOURCE_JDBC_URL names a user");
  }

  @Test
  void a_start_grants_what_a_migration_has_made_since_and_only_behind_the_wall()
      throws SQLException {
    execute(
        """
        create table later (workspace_id uuid primary key);
        alter table later enable row level security;
        create policy of_workspace on later using (false);
        create table forgotten (workspace_id uuid primary key);
        """);

    assertThatCode(() -> ApiRole.prepare(settings(Optional.of(ROLE)), owner))
        .doesNotThrowAnyException();

    assertThat(may("later")).isTrue();
    assertThat(may("forgotten")).isFalse();
    assertThat(may("flyway_schema_history")).isFalse();
  }

  @Test
  void its_sessions_have_our_settings() throws SQLException {
    ApiRole.prepare(settings(Optional.of(ROLE)), owner);

    try (Connection connection = database.asApiRole().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("show enable_seqscan")) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("off");
    }
  }

  @Test
  void one_role_will_do() {
    assertThatCode(() -> ApiRole.prepare(settings(Optional.empty()), owner))
        .doesNotThrowAnyException();
  }

  @Test
  void its_password_is_not_shown() {
    assertThat(new LaunchSettings.Login(ROLE, Optional.of("hidden")).toString())
        .doesNotContain("hidden");
  }

  private void assertRefused(String role, String why) {
    assertThatThrownBy(() -> ApiRole.prepare(settings(Optional.of(role)), owner))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("STEPWELL_DATABASE_API_USERNAME")
        .hasMessageContaining(why)
        .message()
        .hasLineCount(1);
  }

  private LaunchSettings settings(Optional<String> role) {
    return new LaunchSettings(
        Optional.of(owner),
        role.map(name -> new LaunchSettings.Login(name, Optional.empty())),
        Optional.empty(),
        true,
        false,
        Path.of("nowhere"));
  }

  private boolean may(String table) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select has_table_privilege('%s', '%s', 'select')".formatted(ROLE, table))) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
