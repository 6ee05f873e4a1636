package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {
  private static final EngineConfig CONFIG =
      EngineDatabase.config(
          Map.of("stepwell.engine.lease", "3s", "stepwell.engine.lease-check", "20ms"));
  private static final Duration SOON = Duration.ofSeconds(30);

  private final RunningExecutions running =
      new RunningExecutions(CONFIG, new SimpleMeterRegistry());
  private EngineDatabase database;
  private FailingDatabase failing;
  private LeaseKeeper keeper;

  @BeforeEach
  void open() throws SQLException {
    database = new EngineDatabase();
    failing = new FailingDatabase(database.dataSource());
    LeaseRows rows =
        new LeaseRows(failing.dataSource(), CONFIG, new EngineMetrics(new SimpleMeterRegistry()));
    keeper = new LeaseKeeper(rows, running, CONFIG, new ExecutionChanges());
  }

  @AfterEach
  void close() {
    keeper.stop(new ShutdownEvent());
    database.close();
  }

  private Lease running(long askedAt) {
    Lease lease = new Lease(database.workspaceId, UUID.randomUUID(), UUID.randomUUID(), askedAt);
    return run(lease);
  }

  private Lease run(Lease lease) {
    assertThat(running.takeSlot(lease.workspaceId())).isTrue();
    running.add(lease);
    return lease;
  }

  private Lease claimed() throws SQLException {
    database.due();
    Claim claim = database.replica().claim(1).claims().getFirst();
    return run(EngineDatabase.lease(claim));
  }

  @Test
  void a_lease_that_cannot_be_prolonged_ends_by_the_clock() {
    Lease old = running(System.nanoTime() - CONFIG.lease().toNanos());
    Lease young = running(System.nanoTime());

    keeper.endExpired();

    assertThat(old.ended()).isTrue();
    assertThat(young.ended()).isFalse();
  }

  @Test
  void while_the_database_is_away_leases_end_all_the_same() {
    Lease lease = running(System.nanoTime());
    failing.refuse(FailingDatabase.CONNECT, "08006", Integer.MAX_VALUE);

    keeper.start(new StartupEvent());

    await().atMost(SOON).until(lease::ended);
  }

  @Test
  void a_locked_row_ends_its_own_lease_and_no_other() throws SQLException {
    Lease locked = claimed();
    Lease free = claimed();
    try (Connection stranger = database.connect()) {
      stranger.setAutoCommit(false);
      EngineDatabase.lock(stranger, locked.executionId());
      keeper.start(new StartupEvent());

      await().atMost(SOON).until(locked::ended);
      assertThat(free.ended()).isFalse();
      assertThat(free.sinceRenewal()).isLessThan(CONFIG.lease());
      stranger.rollback();
    }
    // and the free one lives on, longer than a lease that nobody prolongs
    await().atMost(SOON).until(() -> free.age().compareTo(CONFIG.lease().multipliedBy(2)) > 0);
    assertThat(free.ended()).isFalse();
    assertThat(database.replica().stillHeld(List.of(free))).containsExactly(free.executionId());
  }

  @Test
  void what_another_replica_has_taken_is_interrupted() throws SQLException {
    Lease lease = claimed();
    keeper.start(new StartupEvent());

    database.execute("update execution_queue set lease_token = gen_random_uuid()");

    await().atMost(SOON).until(lease::ended);
  }
}
