package io.stepwell;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.stepwell.launch.ApiRole;
import io.stepwell.launch.RoleSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * Gives every start of Quarkus in a test a migrated database of its own, where requests have a role
 * that row-level security holds. Registered as a service, so a test class needs nothing but
 * {@code @QuarkusTest}. Gives nothing when {@code QUARKUS_DATASOURCE_JDBC_URL} is set: that
 * database is migrated and used as it is.
 */
public final class EmbeddedPostgresResource implements QuarkusTestResourceLifecycleManager {
  private @Nullable TestDatabase database;

  @Override
  public Map<String, String> start() {
    if (TestDatabase.externalUrl().isPresent()) {
      DataSource external = TestDatabase.ofService();
      Flyway.configure().dataSource(external).load().migrate();
      settle(external, Optional.empty());
      return Map.of();
    }
    database = TestDatabase.migrated();
    database.giveToService();
    settle(database.dataSource(), Optional.of(database.asApiRole()));
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.username", database.username(),
        "quarkus.datasource.password", database.password(),
        "stepwell.database.api.username", TestDatabase.apiUsername().orElseThrow());
  }

  /** As the launch does it, of which these tests know nothing. */
  private static void settle(DataSource service, Optional<DataSource> api) {
    try (Connection connection = service.getConnection()) {
      RoleSettings.ensure(connection);
      if (TestDatabase.apiUsername().isPresent()) {
        ApiRole.grant(connection, TestDatabase.apiUsername().get());
      }
    } catch (SQLException failure) {
      throw new IllegalStateException("cannot reach the database", failure);
    }
    api.ifPresent(EmbeddedPostgresResource::settleApi);
  }

  private static void settleApi(DataSource api) {
    try (Connection connection = api.getConnection()) {
      RoleSettings.ensure(connection);
    } catch (SQLException failure) {
      throw new IllegalStateException("cannot reach the database as the role of requests", failure);
    }
  }

  @Override
  public void stop() {
    if (database != null) {
      database.close();
    }
  }
}
