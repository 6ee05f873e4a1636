package io.stepwell.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Says how much is due and for how long, as the database has it when the metrics are asked for.
 *
 * <p>It costs one query every few seconds at most, and only where somebody scrapes. A scrape waits
 * for it on no thread and not for long; what the database did not say in time is not a number.
 */
@Singleton
final class QueueSample {
  private static final String METRICS = "/q/metrics";
  private static final int BEFORE_THE_ANSWER = 10;
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int DEADLINE_SECONDS = 2;

  // beyond the limit the exact number matters to nobody and costs much
  private static final String DUE =
      """
      select count(*), coalesce(extract(epoch from now() - min(due_at)), 0)
      from (
        select due_at from execution_queue
        where due_at <= now()
        order by due_at
        limit 100000) due
      """;

  private record Sample(double due, double lagSeconds, long taken) {
    static final Sample UNKNOWN = new Sample(Double.NaN, Double.NaN, Long.MIN_VALUE);
  }

  private final DataSource database;
  private final Vertx vertx;
  private Future<?> looking = Future.succeededFuture();
  private volatile Sample sample = Sample.UNKNOWN;

  QueueSample(@Named("instance") DataSource database, Vertx vertx, MeterRegistry registry) {
    this.database = database;
    this.vertx = vertx;
    Gauge.builder("stepwell.queue.due", this, queue -> queue.sample.due()).register(registry);
    Gauge.builder("stepwell.queue.lag", this, queue -> queue.sample.lagSeconds())
        .baseUnit("seconds")
        .register(registry);
  }

  void register(@Observes Filters filters) {
    filters.register(this::beforeMetrics, BEFORE_THE_ANSWER);
  }

  private void beforeMetrics(RoutingContext context) {
    if (!context.normalizedPath().startsWith(METRICS)) {
      context.next();
      return;
    }
    // whoever shares a look goes on in its own context
    Context own = vertx.getOrCreateContext();
    renewed().onComplete(done -> own.runOnContext(here -> context.next()));
  }

  /** Those who ask at the same time share one look. */
  private synchronized Future<?> renewed() {
    boolean fresh = !Double.isNaN(sample.due()) && System.nanoTime() - sample.taken() < FRESH_NANOS;
    if (looking.isComplete() && !fresh) {
      looking =
          vertx
              .executeBlocking(this::look, false)
              .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .onFailure(late -> sample = Sample.UNKNOWN);
    }
    return looking;
  }

  private boolean look() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(DUE)) {
      statement.setQueryTimeout(DEADLINE_SECONDS);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        sample = new Sample(row.getDouble(1), row.getDouble(2), System.nanoTime());
        return true;
      }
    }
  }
}
