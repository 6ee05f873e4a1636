package io.stepwell.workspace;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.SqlTrouble;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Goes round the workspaces, one replica at a time, and has every {@link Retention} delete what is
 * old there, in small batches with pauses between them.
 *
 * <p>A workspace with very much to delete does not keep the others waiting: after some batches the
 * next one has its turn. What cannot be deleted now is left for the next look.
 */
@Singleton
public class Housekeeping {
  private static final Logger LOG = Logger.getLogger(Housekeeping.class);
  private static final String NAME = "housekeeping";
  private static final Duration FIRST = Duration.ofSeconds(30);
  private static final Duration SHORTEST = Duration.ofMillis(20);
  private static final int BATCHES_IN_A_ROW = 20;
  private static final int PAGE = 100;

  private static final String WORKSPACES =
      """
      select id, deleted_at is not null, retention_days
      from workspace
      where id > ?
      order by id
      limit ?
      """;

  /** Waits between two batches. */
  @FunctionalInterface
  interface Pause {
    /** Returns false when the process stops. */
    boolean after(Duration batch) throws InterruptedException;
  }

  private final List<Retention> retentions;
  private final DataSource database;
  private final Duty duty;
  private final Duration interval;
  private final Pause pause;
  private final Loop loop = Loop.of(NAME, this::turn);
  // only the loop's thread touches these
  private Duration rest = FIRST;
  private boolean first = true;
  private long kept;

  @Inject
  Housekeeping(
      @All List<Retention> retentions,
      @Named("instance") DataSource database,
      RetentionConfig config) {
    this.retentions = retentions;
    this.database = database;
    this.duty = new Duty(database, NAME);
    this.interval = config.interval();
    // at most half of the time in the database, however slow it is
    this.pause = batch -> loop.rest(batch.compareTo(SHORTEST) < 0 ? SHORTEST : batch);
  }

  Housekeeping(List<Retention> retentions, DataSource database, Duration interval, Pause pause) {
    this.retentions = retentions;
    this.database = database;
    this.duty = new Duty(database, NAME);
    this.interval = interval;
    this.pause = pause;
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  void stop(@Observes ShutdownEvent event) {
    loop.stop();
  }

  private boolean turn() throws InterruptedException {
    if (loop.rest(rest)) {
      rest = interval;
      try {
        look(first);
        first = false;
      } catch (SQLException | RuntimeException e) {
        // whatever it is, the next look finds the same rows; none begins while the duty is held
        LOG.warnf("cannot look after what is old, trying again later: %s", e.getMessage());
        rest = interval.compareTo(Duty.LEASE) < 0 ? interval : Duty.LEASE;
      }
    }
    return false;
  }

  /**
   * Deletes what is old in every workspace, where it is this replica's turn.
   *
   * @param early whether it need not be due
   * @return whether it was this replica's turn, to the end
   */
  boolean look(boolean early) throws SQLException, InterruptedException {
    if (!duty.take(early)) {
      return false;
    }
    kept = System.nanoTime();
    if (goRound()) {
      duty.done(interval);
      return true;
    }
    // stopped, or lost: in the first case any other replica may go on
    duty.done(Duration.ZERO);
    return false;
  }

  private boolean goRound() throws SQLException, InterruptedException {
    Deque<Visit> unfinished = new ArrayDeque<>();
    @Nullable UUID after = new UUID(0, 0);
    while (after != null) {
      List<Retention.Subject> page = workspaces(after);
      for (Retention.Subject workspace : page) {
        Visit visit = new Visit(workspace);
        if (!visit.go()) {
          return false;
        }
        if (visit.hasMore()) {
          unfinished.add(visit);
        }
      }
      after = page.size() < PAGE ? null : page.getLast().workspaceId();
    }
    while (!unfinished.isEmpty()) {
      Visit visit = unfinished.remove();
      if (!visit.go()) {
        return false;
      }
      if (visit.hasMore()) {
        unfinished.add(visit);
      }
    }
    return true;
  }

  private List<Retention.Subject> workspaces(UUID after) throws SQLException {
    List<Retention.Subject> page = new ArrayList<>();
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(WORKSPACES)) {
      statement.setObject(1, after);
      statement.setInt(2, PAGE);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          page.add(
              new Retention.Subject(
                  row.getObject(1, UUID.class),
                  row.getBoolean(2),
                  row.getObject(3, Integer.class)));
        }
      }
    }
    return page;
  }

  /** A workspace, and what is still to be done there. */
  private final class Visit {
    private final UUID workspaceId;
    private final Deque<Retention.Sweep> sweeps = new ArrayDeque<>();

    Visit(Retention.Subject workspace) {
      this.workspaceId = workspace.workspaceId();
      retentions.forEach(retention -> sweeps.add(retention.of(workspace)));
    }

    boolean hasMore() {
      return !sweeps.isEmpty();
    }

    /** Deletes some batches; false when this replica must not go on. */
    boolean go() throws SQLException, InterruptedException {
      for (int batches = 0; hasMore() && batches < BATCHES_IN_A_ROW; ) {
        long start = System.nanoTime();
        if (!batch(sweeps.getFirst())) {
          sweeps.removeFirst();
          continue;
        }
        batches++;
        if (!pause.after(Duration.ofNanos(System.nanoTime() - start))) {
          return false;
        }
      }
      return mayGoOn();
    }

    private boolean batch(Retention.Sweep sweep) throws SQLException {
      try (Connection connection = database.getConnection()) {
        return sweep.batch(connection);
      } catch (SQLException e) {
        SqlTrouble trouble = SqlTrouble.of(e);
        if (trouble == SqlTrouble.AWAY) {
          throw e;
        }
        // a lock, or a row that refers to it since: the next look finds it again
        LOG.logf(
            trouble == SqlTrouble.LOCK || trouble == SqlTrouble.ROW
                ? Logger.Level.DEBUG
                : Logger.Level.WARN,
            "rows of workspace %s stay for now: %s",
            workspaceId,
            e.getMessage());
        return false;
      }
    }
  }

  private boolean mayGoOn() throws SQLException {
    if (loop.isStopping()) {
      return false;
    }
    if (System.nanoTime() - kept < Duty.LEASE.dividedBy(4).toNanos()) {
      return true;
    }
    kept = System.nanoTime();
    return duty.keep();
  }
}
