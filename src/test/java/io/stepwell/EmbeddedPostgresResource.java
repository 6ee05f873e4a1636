package io.stepwell;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.stepwell.launch.RoleSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives every start of Quarkus in a test an empty database of its own, which its migrations fill.
 * Registered as a service, so a test class needs nothing but {@code @QuarkusTest}. Gives nothing
 * when {@code QUARKUS_DATASOURCE_JDBC_URL} is set: that database is used as it is.
 */
public final class EmbeddedPostgresResource implements QuarkusTestResourceLifecycleManager {
  private @Nullable TestDatabase database;

  @Override
  public Map<String, String> start() {
    if (TestDatabase.externalUrl().isPresent()) {
      settle(TestDatabase.ofService());
      return Map.of();
    }
    database = TestDatabase.empty();
    database.giveToService();
    settle(database.dataSource());
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.username", database.username(),
        "quarkus.datasource.password", database.password());
  }

  /** As the launch does it, of which these tests know nothing. */
  private static void settle(DataSource service) {
    try (Connection connection = service.getConnection()) {
      RoleSettings.ensure(connection);
    } catch (SQLException failure) {
      throw new IllegalStateException("cannot reach the database", failure);
    }
  }

  @Override
  public void stop() {
    if (database != null) {
      database.close();
    }
  }
}
