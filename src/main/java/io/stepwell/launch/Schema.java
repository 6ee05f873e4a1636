package io.stepwell.launch;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jboss.logging.Logger;

/**
 * The tables that this version of the service needs, and the way to get them.
 *
 * <p>Migrations expand first and contract a version later, so that this version works on every
 * schema from {@link Migrations#NEWEST} on. Which one a database has is one query; Flyway, which
 * takes a good part of a start only to find nothing to do, is asked when there is something to do.
 * The schema in turn says which release it needs at least.
 */
final class Schema {
  private static final Logger LOG = Logger.getLogger(Schema.class);
  private static final String NO_SUCH_TABLE = "42P01";

  // a lock of the session would stay with the pooler's
  private static final Map<String, String> LOCK_BY_TRANSACTION =
      Map.of("flyway.postgresql.transactional.lock", "true");

  private static final String VERSION =
      """
      select coalesce(max(version::int), 0)
      from flyway_schema_history
      where success and version ~ '^[0-9]{1,9}$'
      """;

  private static final String NEEDS = "select needs from schema_requirement";

  private Schema() {}

  /** The newest migration that the database has, 0 for none. */
  static int version(Connection connection) throws SQLException {
    return number(connection, VERSION);
  }

  /** The newest migration that a release must know at least to work on it, 0 for any. */
  static int needs(Connection connection) throws SQLException {
    return number(connection, NEEDS);
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getInt(1) : 0;
    } catch (SQLException failure) {
      if (NO_SUCH_TABLE.equals(failure.getSQLState())) {
        return 0;
      }
      throw failure;
    }
  }

  /**
   * Makes sure before a start that the tables are there.
   *
   * @param found what the database has
   * @param migrate whether to bring them up to date where they are not
   * @throws LaunchException when they are not and may not or cannot be brought up to date
   */
  static void prepare(DatabaseAddress address, ExternalPostgres.Found found, boolean migrate) {
    requireRecent(found);
    if (found.schema() >= Migrations.NEWEST) {
      return;
    }
    if (!migrate) {
      throw new LaunchException(
          "The database's schema has version %d and this Stepwell needs %d: run it once with --migrate, or set STEPWELL_MIGRATE_AT_START=true."
              .formatted(found.schema(), Migrations.NEWEST));
    }
    LOG.info(migrate(address, found.pooled(), Duration.ofMinutes(2)));
  }

  /**
   * @throws LaunchException when this release is too old for what the database has
   */
  static void requireRecent(ExternalPostgres.Found found) {
    if (found.needs() > Migrations.NEWEST) {
      throw new LaunchException(tooOld(found.needs()));
    }
  }

  static String tooOld(int needs) {
    return "This Stepwell is too old for the database's schema: it knows version %d, and the schema needs one that knows version %d at least."
        .formatted(Migrations.NEWEST, needs);
  }

  /**
   * Applies what is missing, and checks that what was applied before is what this version knows.
   *
   * @param pooled whether a pooler stands between
   * @param silence how long one statement may take; zero: as long as it wants
   * @return what was done, in a line
   * @throws LaunchException when it cannot be done; nothing of the failed migration remains
   */
  static String migrate(DatabaseAddress address, boolean pooled, Duration silence) {
    try {
      int applied =
          Flyway.configure()
              .dataSource(address.connectionsForMigrations(silence, pooled))
              .configuration(LOCK_BY_TRANSACTION)
              .resourceProvider(new Migrations())
              .javaMigrationClassProvider(List::of)
              .load()
              .migrate()
              .migrationsExecuted;
      return "The database's schema is at version %d; migrations applied: %d."
          .formatted(Migrations.NEWEST, applied);
    } catch (FlywayException failure) {
      throw new LaunchException(
          "Cannot migrate the database: " + LaunchException.line(failure), failure);
    }
  }
}
