package io.stepwell.launch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The role that requests have in the database, which row-level security holds to one workspace a
 * transaction. The owner of the tables gives it what it needs: the tables that have such a policy,
 * and no others. What a later migration makes without one stays out of its reach.
 */
public final class ApiRole {
  private static final Logger LOG = Logger.getLogger(ApiRole.class);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  // what stands there has precedence over every other user
  private static final Pattern USER_IN_ADDRESS = Pattern.compile("[?&](user|password)=");

  private static final String NONE =
      "STEPWELL_DATABASE_API_USERNAME is not set: requests use the role that owns the tables, which"
          + " row-level security does not hold.";

  // of two that grant at once the later one waits, where else it would fail
  private static final String ALONE =
      "select pg_advisory_xact_lock('pg_db_role_setting'::regclass::oid::bigint)";

  private static final String MISSING_GRANTS =
      """
      select format('grant usage on schema %I to %I', n.nspname, r.name)
      from (select ?::name) r (name)
      join pg_namespace n on n.nspname = current_schema()
      where not has_schema_privilege(r.name, n.oid, 'usage')
      union all
      select format('grant select, insert, update, delete on %s to %I', c.oid::regclass, r.name)
      from (select ?::name) r (name)
      join pg_class c on c.relnamespace = current_schema()::regnamespace
      where c.relrowsecurity and pg_has_role(c.relowner, 'usage')
        and not (has_table_privilege(r.name, c.oid, 'select')
          and has_table_privilege(r.name, c.oid, 'insert')
          and has_table_privilege(r.name, c.oid, 'update')
          and has_table_privilege(r.name, c.oid, 'delete'))
      """;

  // an owner, a member of the owner, a superuser and who may bypass it are not held
  private static final String NOT_HELD =
      """
      select current_user
      where not coalesce((
        select bool_and(row_security_active(c.oid))
        from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relrowsecurity), false)
      """;

  private ApiRole() {}

  /**
   * Grants it what it lacks on the tables that are there.
   *
   * @param owner logged in as the owner of the tables
   */
  public static void grant(Connection owner, String role) throws SQLException {
    List<String> grants = new ArrayList<>();
    try (PreparedStatement missing = owner.prepareStatement(MISSING_GRANTS)) {
      missing.setString(1, role);
      missing.setString(2, role);
      try (ResultSet row = missing.executeQuery()) {
        while (row.next()) {
          grants.add(row.getString(1));
        }
      }
    }
    if (grants.isEmpty()) {
      return;
    }
    owner.setAutoCommit(false);
    try (Statement statement = owner.createStatement()) {
      statement.execute(ALONE);
      for (String grant : grants) {
        statement.execute(grant);
      }
      owner.commit();
    } finally {
      owner.setAutoCommit(true);
    }
  }

  /** The same for the role of these settings, where there is one. */
  static void grant(LaunchSettings settings, DatabaseAddress database) {
    settings
        .apiRole(database)
        .flatMap(DatabaseAddress::username)
        .ifPresent(role -> {
          try (Connection owner = database.connections(SILENCE).getConnection()) {
            grant(owner, role);
          } catch (SQLException failure) {
            throw refused(role, LaunchException.line(failure), failure);
          }
        });
  }

  /**
   * Makes sure before a start that it may do what it must, and that it is held; says so where there
   * is none.
   *
   * @throws LaunchException when it cannot log in, or sees every workspace
   */
  static void prepare(LaunchSettings settings, DatabaseAddress database) {
    settings
        .apiRole(database)
        .ifPresentOrElse(
            api -> {
              grant(settings, database);
              requireHeld(api);
            },
            () -> LOG.info(NONE));
  }

  private static void requireHeld(DatabaseAddress api) {
    String role = api.username().orElseThrow();
    if (USER_IN_ADDRESS.matcher(api.jdbcUrl()).find()) {
      throw new LaunchException(
          "QUARKUS_DATASOURCE_JDBC_URL names a user, which STEPWELL_DATABASE_API_USERNAME cannot replace: give it by QUARKUS_DATASOURCE_USERNAME.");
    }
    try (Connection connection = api.connections(SILENCE).getConnection();
        Statement statement = connection.createStatement()) {
      RoleSettings.ensure(connection);
      try (ResultSet row = statement.executeQuery(NOT_HELD)) {
        if (row.next()) {
          throw new LaunchException(
              "STEPWELL_DATABASE_API_USERNAME=%s logs in as %s, which sees every workspace: it must be a role that neither owns the tables nor belongs to who does, and is no superuser."
                  .formatted(role, row.getString(1)));
        }
      }
    } catch (SQLException failure) {
      throw refused(role, LaunchException.line(failure), failure);
    }
  }

  private static LaunchException refused(String role, String reason, SQLException failure) {
    return new LaunchException(
        "Cannot use the role %s of STEPWELL_DATABASE_API_USERNAME: %s".formatted(role, reason),
        failure);
  }
}
