package io.stepwell.database;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The pools of connections: one for requests and streams, which may log in as a role that sees one
 * workspace a transaction; one, {@code @Named("instance")}, for what is asked and done over all
 * workspaces; and one, {@code @Named("engine")}, for the loops that everything depends on, so that
 * nothing starves these. Thread-safe.
 *
 * <p>The rest of the connections opens a moment after the start. Each costs the database a process:
 * work that the first request, for which a replica may have been started, should not share the
 * processors with. Until then a pool opens what is asked for.
 */
@ApplicationScoped
class Pools {
  private static final Duration FILL_AFTER = Duration.ofSeconds(1);
  // new sessions may be as useless as the old ones while the trouble lasts, and each costs a
  // process
  private static final Duration RENEW_EVERY = Duration.ofSeconds(2);

  private final List<AgroalDataSource> pools;
  private final Vertx vertx;
  private final AtomicLong renewed = new AtomicLong(System.nanoTime() - RENEW_EVERY.toNanos());

  Pools(
      AgroalDataSource requests,
      @Named("instance") AgroalDataSource instance,
      @Named("engine") AgroalDataSource engine,
      Vertx vertx) {
    this.pools = List.of(requests, instance, engine);
    this.vertx = vertx;
  }

  void start(@Observes StartupEvent event) {
    vertx.setTimer(FILL_AFTER.toMillis(), any -> flush(FlushMode.FILL));
  }

  /**
   * Replaces every session, those in use when they are given back: one of them has shown that the
   * server ended them, or that they cannot write. Asked again within two seconds it does nothing.
   */
  void renew() {
    long now = System.nanoTime();
    long before = renewed.get();
    if (now - before >= RENEW_EVERY.toNanos() && renewed.compareAndSet(before, now)) {
      flush(FlushMode.GRACEFUL);
    }
  }

  /** The pools do it on threads of their own. */
  private void flush(FlushMode mode) {
    pools.forEach(pool -> pool.flush(mode));
  }
}
