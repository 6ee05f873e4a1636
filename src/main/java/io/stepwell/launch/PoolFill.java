package io.stepwell.launch;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;

/**
 * Opens the rest of the database connections once the replica answers. The first request needs one
 * of them, and logging in is work that it should not wait for.
 */
@ApplicationScoped
class PoolFill {
  private final AgroalDataSource pool;

  PoolFill(AgroalDataSource pool) {
    this.pool = pool;
  }

  void fill(@ObservesAsync HttpServerStart listening) {
    pool.flush(FlushMode.FILL);
  }
}
