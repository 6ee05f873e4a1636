package io.stepwell.launch;

import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.kernel.Outdated;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Notices within ten seconds when the schema moves on past this release while it runs. The replica
 * is not ready then, and accepts and claims nothing; what it runs it brings to an end.
 */
@Readiness
@Singleton
class SchemaWatch implements HealthCheck {
  private static final Logger LOG = Logger.getLogger(SchemaWatch.class);

  private final DataSource database;
  private final Outdated outdated;

  SchemaWatch(@Named("engine") DataSource database, Outdated outdated) {
    this.database = database;
    this.outdated = outdated;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("schema").status(!outdated.isSo()).build();
  }

  @Scheduled(
      every = "10s",
      delayed = "10s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @RunOnVirtualThread
  void look() {
    try (Connection connection = database.getConnection()) {
      int needs = Schema.needs(connection);
      boolean tooOld = needs > Migrations.NEWEST;
      if (outdated.set(tooOld) && tooOld) {
        LOG.error(Schema.tooOld(needs) + " It accepts and claims nothing more.");
      }
    } catch (SQLException e) {
      // what was known holds: the next look is near
      LOG.warnf("cannot see which release the schema needs: %s", e.getMessage());
    }
  }
}
