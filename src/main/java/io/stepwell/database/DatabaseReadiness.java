package io.stepwell.database;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Says whether an execution would be accepted now: whether the engine gets a connection, and one
 * that may write, within three seconds.
 *
 * <p>One bad session makes no replica unready, and one good one none ready again: it takes two
 * looks in a row. Those who ask at the same time share them, and for half a second after.
 */
@Readiness
@Singleton
class DatabaseReadiness implements HealthCheck {
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final Duration FRESH = Duration.ofMillis(500);
  // on for a standby, too
  private static final String READ_ONLY = "select current_setting('transaction_read_only') = 'on'";

  private final DataSource database;
  private final Pools pools;
  private final ExecutorService looks =
      Executors.newSingleThreadExecutor(
          // virtual ones share carriers with whatever tenants compute
          Thread.ofPlatform().daemon().name("readiness").factory());
  private Future<Boolean> looking = CompletableFuture.completedFuture(true);
  private long finished = System.nanoTime() - FRESH.toNanos();
  // before the first look: one good one is enough then
  private volatile boolean ready = true;

  DatabaseReadiness(@Named("engine") DataSource database, Pools pools) {
    this.database = database;
    this.pools = pools;
  }

  @PreDestroy
  void stop() {
    looks.shutdownNow();
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("database").status(isReady()).build();
  }

  private boolean isReady() {
    try {
      return shared().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized Future<Boolean> shared() {
    if (looking.isDone() && System.nanoTime() - finished >= FRESH.toNanos()) {
      looking = looks.submit(this::judge);
    }
    return looking;
  }

  private boolean judge() {
    boolean seen = mayWrite();
    if (seen != ready && mayWrite() == seen) {
      ready = seen;
    }
    synchronized (this) {
      finished = System.nanoTime();
    }
    return ready;
  }

  private boolean mayWrite() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout((int) DEADLINE.toSeconds());
      try (ResultSet row = statement.executeQuery(READ_ONLY)) {
        row.next();
        if (!row.getBoolean(1)) {
          return true;
        }
      }
      // no statement need fail for it: while we are not ready perhaps none comes
      pools.renew();
      return false;
    } catch (SQLException e) {
      return false;
    }
  }
}
