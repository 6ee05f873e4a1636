package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.TestDatabase;
import io.stepwell.kernel.Failure;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnfinishedLimitTest {
  private static final UUID WORKSPACE = UUID.randomUUID();
  private static final UUID OTHER = UUID.randomUUID();

  private final TestDatabase database = TestDatabase.migrated();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private final UnfinishedLimit limit =
      new UnfinishedLimit(new UnfinishedCount(counting()), 10, nanos::get);

  @BeforeEach
  void createWorkspaces() throws SQLException {
    for (UUID workspace : new UUID[] {WORKSPACE, OTHER}) {
      execute(
          """
          insert into workspace (id, slug, name, created_at, updated_at)
          values ('%1$s', 'w-%1$s', 'own', now(), now());
          insert into workflow
            (id, workspace_id, key, version, name, enabled, created_at, updated_at)
          values ('%1$s', '%1$s', 'flow', 1, 'flow', true, now(), now());
          """
              .formatted(workspace));
    }
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void pending_and_running_ones_count_whether_added_up_or_noted() throws SQLException {
    counted(WORKSPACE, "PENDING", 3);
    counted(WORKSPACE, "RUNNING", 4);
    counted(WORKSPACE, "COMPLETED", 500);
    counted(OTHER, "RUNNING", 500);
    noted(WORKSPACE, "RUNNING", 3);
    noted(WORKSPACE, "PENDING", -1);
    noted(WORKSPACE, "COMPLETED", 70);

    limit.acquire(WORKSPACE);

    assertRefused();
    assertThatThrownBy(() -> limit.acquire(OTHER)).isInstanceOf(Failure.class);
  }

  @Test
  void far_from_the_bound_the_database_is_asked_once_in_ten_seconds() throws SQLException {
    for (int i = 0; i < 5; i++) {
      limit.acquire(WORKSPACE);
    }
    assertThat(looks).hasValue(1);

    turn(UnfinishedLimit.FAR.minusMillis(1));
    assertThat(looks).hasValue(1);

    turn(Duration.ofMillis(1));
    limit.acquire(WORKSPACE);
    assertThat(looks).hasValue(2);
  }

  @Test
  void what_ended_meanwhile_is_found_before_anybody_is_refused() throws SQLException {
    for (int i = 0; i < 1_000; i++) {
      limit.acquire(WORKSPACE);
    }
    // all of them had ended: once in half of the bound it looks
    assertThat(looks).hasValueBetween(150, 210);
  }

  @Test
  void near_the_bound_the_database_is_asked_once_a_second() throws SQLException {
    counted(WORKSPACE, "RUNNING", 10);
    for (int i = 0; i < 100; i++) {
      assertRefused();
    }
    assertThat(looks).hasValue(1);

    counted(WORKSPACE, "RUNNING", 7);
    assertRefused();
    turn(UnfinishedLimit.NEAR);
    for (int i = 0; i < 3; i++) {
      limit.acquire(WORKSPACE);
    }
    assertRefused();
    assertThat(looks).hasValue(2);
  }

  private void assertRefused() {
    assertThatThrownBy(() -> limit.acquire(WORKSPACE))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(Failure.Kind.LIMITED);
              assertThat(failure.code()).isEqualTo("too_many_unfinished");
              assertThat(failure.retryAfter()).hasValue(UnfinishedLimit.NEAR);
            });
  }

  private void turn(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void counted(UUID workspace, String status, int executions) throws SQLException {
    execute(
        """
        insert into execution_stat (workspace_id, workflow_id, period, period_start, status, bucket,
          executions, duration_ms)
        select '%1$s', '%1$s', p.period, p.start, '%2$s', 0, %3$d, 0
        from (values ('ALL', '-infinity'::timestamptz), ('DAY', '2020-01-01Z'::timestamptz),
          ('HOUR', '2020-01-01Z'::timestamptz)) p (period, start)
        on conflict (workspace_id, workflow_id, period, period_start, status, bucket) do update
        set executions = excluded.executions
        """
            .formatted(workspace, status, executions));
  }

  private void noted(UUID workspace, String status, int executions) throws SQLException {
    execute(
        """
        insert into execution_stat_change
          (workspace_id, workflow_id, hour, status, bucket, executions, duration_ms)
        values ('%1$s', '%1$s', '2020-01-01Z', '%2$s', 0, %3$d, 0)
        """
            .formatted(workspace, status, executions));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The database, with a count of the connections that were asked for. */
  private DataSource counting() {
    DataSource source = database.dataSource();
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              looks.incrementAndGet();
              return method.invoke(source, arguments);
            });
  }
}
