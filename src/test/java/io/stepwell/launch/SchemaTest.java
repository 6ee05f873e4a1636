package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaTest {
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final String NEWER =
      """
      insert into flyway_schema_history (installed_rank, version, description, type, script, checksum,
        installed_by, execution_time, success)
      values (1000, '%d', 'later', 'SQL', 'later.sql', 1, 'test', 1, true)
      """;

  private final TestDatabase database = TestDatabase.empty();
  private final DatabaseAddress address =
      new DatabaseAddress(
          database.jdbcUrl(), Optional.of(database.username()), Optional.of(database.password()));

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void every_migration_is_named_in_order_without_a_gap() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src", "main", "resources", "db", "migration"))) {
      assertThat(Migrations.NAMES)
          .containsExactlyInAnyOrderElementsOf(
              files.map(file -> file.getFileName().toString()).toList());
    }
    for (int i = 0; i < Migrations.NAMES.size(); i++) {
      assertThat(Migrations.NAMES.get(i)).startsWith("V" + (i + 1) + "__");
    }
  }

  @Test
  void an_empty_database_has_version_0_and_a_migrated_one_the_newest() {
    assertThat(version()).isZero();

    assertThat(Schema.migrate(address, false, SILENCE))
        .contains("version " + Migrations.NEWEST, "applied: " + Migrations.NAMES.size());

    assertThat(version()).isEqualTo(Migrations.NEWEST);
  }

  @Test
  void migrating_again_does_nothing() {
    Schema.migrate(address, false, SILENCE);

    assertThat(Schema.migrate(address, false, SILENCE)).contains("applied: 0");
  }

  @Test
  void a_start_migrates_what_is_too_old() {
    Schema.prepare(address, found(), true);

    assertThat(version()).isEqualTo(Migrations.NEWEST);
  }

  @Test
  void a_start_that_may_not_migrate_refuses_what_is_too_old_in_a_line() {
    assertThatThrownBy(() -> Schema.prepare(address, found(), false))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("version 0")
        .hasMessageContaining("needs " + Migrations.NEWEST)
        .hasMessageContaining("--migrate")
        .message()
        .hasLineCount(1);
    assertThat(version()).isZero();
  }

  @Test
  void a_newer_schema_will_do() throws SQLException {
    Schema.migrate(address, false, SILENCE);
    execute(NEWER.formatted(Migrations.NEWEST + 1));

    assertThat(version()).isEqualTo(Migrations.NEWEST + 1);
    assertThatCode(() -> Schema.prepare(address, found(), false)).doesNotThrowAnyException();
    assertThatCode(() -> Schema.migrate(address, false, SILENCE)).doesNotThrowAnyException();
  }

  @Test
  void a_schema_that_needs_a_newer_release_is_refused_in_a_line() throws SQLException {
    Schema.migrate(address, false, SILENCE);
    execute("update schema_requirement set needs = " + (Migrations.NEWEST + 1));

    assertThat(found().needs()).isEqualTo(Migrations.NEWEST + 1);
    assertThatThrownBy(() -> Schema.prepare(address, found(), true))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("too old")
        .hasMessageContaining("version " + Migrations.NEWEST + ",")
        .hasMessageContaining("version " + (Migrations.NEWEST + 1) + " at least")
        .message()
        .hasLineCount(1);
  }

  @Test
  void the_release_before_this_one_may_run_on_its_schema() {
    Schema.migrate(address, false, SILENCE);

    assertThat(found().needs()).isBetween(4, Migrations.NEWEST - 1);
  }

  @Test
  void a_migration_that_was_changed_after_it_was_applied_is_refused_in_a_line()
      throws SQLException {
    Schema.migrate(address, false, SILENCE);
    execute("update flyway_schema_history set checksum = checksum + 1 where version = '1'");

    assertThatThrownBy(() -> Schema.migrate(address, false, SILENCE))
        .isInstanceOf(LaunchException.class)
        .hasMessageContaining("checksum mismatch")
        .message()
        .hasLineCount(1);
  }

  @Test
  void what_the_database_refuses_is_said_in_its_words_and_a_line() throws SQLException {
    execute(
        "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$");

    assertThatThrownBy(() -> Schema.migrate(address, false, SILENCE))
        .isInstanceOf(LaunchException.class)
        .hasMessageStartingWith("Cannot migrate the database: ")
        .hasMessageContaining("read-only transaction")
        .message()
        .hasLineCount(1);
  }

  private ExternalPostgres.Found found() {
    return ExternalPostgres.check(address);
  }

  private int version() {
    return found().schema();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
