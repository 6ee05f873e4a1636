package io.stepwell;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
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
      return Map.of();
    }
    database = TestDatabase.empty();
    database.giveToService();
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.username", database.username(),
        "quarkus.datasource.password", database.password());
  }

  @Override
  public void stop() {
    if (database != null) {
      database.close();
    }
  }
}
