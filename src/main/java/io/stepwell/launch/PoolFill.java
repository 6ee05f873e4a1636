package io.stepwell.launch;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/**
 * Opens the rest of the database connections a moment after the start. Each costs the database a
 * process: work that the first request, for which a replica may have been started, should not share
 * the processors with. Until then the pool opens what is asked for.
 */
@ApplicationScoped
class PoolFill {
  private static final Duration AFTER = Duration.ofSeconds(1);

  private final AgroalDataSource pool;
  private final Vertx vertx;

  PoolFill(AgroalDataSource pool, Vertx vertx) {
    this.pool = pool;
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent event) {
    // the pool does it on a thread of its own
    vertx.setTimer(AFTER.toMillis(), any -> pool.flush(FlushMode.FILL));
  }
}
