package io.stepwell.execution;

import static io.stepwell.execution.History.NOW;
import static io.stepwell.execution.History.OTHER;
import static io.stepwell.execution.History.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.inbox.InboxRows;
import io.stepwell.workspace.Retention;
import io.stepwell.workspace.RetentionTimes;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExecutionRetentionTest {
  private static final String RETRY =
      """
      with continued as (
        update execution
        set status = 'PENDING', finished_at = null
        where workspace_id = ? and id = ?
        returning workspace_id, id)
      insert into execution_queue (workspace_id, execution_id, due_at)
      select workspace_id, id, now() from continued
      """;

  private final History history = new History();

  ExecutionRetentionTest() throws SQLException {}

  @AfterEach
  void dropDatabase() {
    history.close();
  }

  private ExecutionRetention retention(String executions) {
    RetentionTimes times = new RetentionTimes(executions, "never", "never", () -> NOW);
    DeletedWorkspaces deleted =
        new DeletedWorkspaces(
            history.database.dataSource(), new ExecutionChanges(), new SimpleMeterRegistry());
    return new ExecutionRetention(times, new ExecutionRows(InboxRows.all()), deleted);
  }

  private static Retention.Subject kept(UUID workspace, @Nullable Integer days) {
    return new Retention.Subject(workspace, false, days);
  }

  /** Deletes batch after batch; how many there were. */
  private int sweep(Retention.Sweep sweep) throws SQLException {
    try (Connection connection = history.connect()) {
      int batches = 1;
      while (sweep.batch(connection)) {
        batches++;
      }
      return batches;
    }
  }

  @Test
  void what_ended_long_ago_goes_with_all_that_belongs_to_it() throws SQLException {
    history.ended(WORKSPACE, days(91));
    UUID young = history.ended(WORKSPACE, days(89));
    UUID running = history.unfinished(WORKSPACE, days(500));
    UUID endedLately = history.ended(WORKSPACE, days(500), days(1), null);
    history.ended(OTHER, days(91));
    history.execute(
        """
        insert into stream_ticket (hash, workspace_id, execution_id, user_id, expires_at)
        select 'h', workspace_id, id, 'user', now() from execution
        where workspace_id = ? and finished_at < ?::timestamptz
        """,
        WORKSPACE,
        NOW.minus(days(90)).toString());
    List<String> others = history.rows(OTHER);
    List<String> statistics = statistics();

    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    Metrics.addRegistry(metrics);
    sweep(retention("90d").of(kept(WORKSPACE, null)));
    Metrics.removeRegistry(metrics);

    assertThat(
            metrics
                .get("stepwell.retention.deleted.rows")
                .tag("table", "execution")
                .counter()
                .count())
        .isEqualTo(1);
    assertThat(history.executions(WORKSPACE))
        .containsExactlyInAnyOrder(young, running, endedLately);
    assertThat(history.rows(WORKSPACE))
        .containsExactly(
            "execution 3", "step_run 6", "execution_label 3", "notification 3", "task 3");
    assertThat(history.query("select 1 from stream_ticket")).isEmpty();
    assertThat(history.rows(OTHER)).isEqualTo(others);
    assertThat(statistics()).isEqualTo(statistics);
    assertThat(history.query("select execution_id from execution_queue"))
        .containsExactly(running.toString());
  }

  /** What they are made of: noted, and once added up. */
  private List<String> statistics() throws SQLException {
    new ExecutionCounts(history.database.dataSource(), new ExecutionChanges()).addUp();
    return history.query("select s::text from execution_stat s order by s::text");
  }

  @Test
  void a_workspace_may_keep_its_executions_for_another_time() throws SQLException {
    history.ended(WORKSPACE, days(31));
    UUID young = history.ended(WORKSPACE, days(29));

    sweep(retention("never").of(kept(WORKSPACE, 30)));

    assertThat(history.executions(WORKSPACE)).containsExactly(young);
  }

  @Test
  void without_a_time_nothing_goes() throws SQLException {
    history.ended(WORKSPACE, days(5_000));
    for (String unlimited : List.of("never", "0")) {
      sweep(retention(unlimited).of(kept(WORKSPACE, null)));
    }
    assertThat(history.executions(WORKSPACE)).hasSize(1);
  }

  @Test
  void one_transaction_deletes_few_executions_oldest_first() throws SQLException {
    List<UUID> all = new ArrayList<>();
    for (int i = 0; i < ExecutionRetention.EXECUTIONS + 20; i++) {
      all.add(history.ended(WORKSPACE, days(200).minusMinutes(i)));
    }
    Retention.Sweep sweep = retention("90d").of(kept(WORKSPACE, null));
    try (Connection connection = history.connect()) {
      assertThat(sweep.batch(connection)).as("there is more").isTrue();
      assertThat(history.executions(WORKSPACE))
          .isEqualTo(all.subList(ExecutionRetention.EXECUTIONS, all.size()));
      assertThat(sweep.batch(connection)).isFalse();
      assertThat(history.executions(WORKSPACE)).isEmpty();
    }
  }

  @Test
  void one_transaction_deletes_few_steps() throws SQLException {
    for (int i = 0; i < 6; i++) {
      history.ended(WORKSPACE, days(200));
    }
    history.execute("update execution set total_steps = ?", ExecutionRetention.STEPS / 2);
    Retention.Sweep sweep = retention("90d").of(kept(WORKSPACE, null));
    try (Connection connection = history.connect()) {
      sweep.batch(connection);
    }
    assertThat(history.executions(WORKSPACE)).hasSize(4);

    history.execute("update execution set total_steps = ?", ExecutionRetention.STEPS * 2);
    assertThat(sweep(sweep)).as("one by one, and never none").isEqualTo(4);
    assertThat(history.executions(WORKSPACE)).isEmpty();
  }

  @Test
  void many_that_stay_are_passed_over_a_batch_at_a_time() throws SQLException {
    for (int i = 0; i < 510; i++) {
      history.unfinished(WORKSPACE, days(300));
    }
    history.ended(WORKSPACE, days(200));

    assertThat(sweep(retention("90d").of(kept(WORKSPACE, null)))).isEqualTo(2);

    assertThat(history.executions(WORKSPACE)).hasSize(510);
  }

  @Test
  void a_repeated_request_finds_its_execution_for_a_day() throws SQLException {
    UUID keyed = history.ended(WORKSPACE, Duration.ofHours(23), Duration.ofHours(22), "young");
    history.ended(WORKSPACE, Duration.ofHours(25), Duration.ofHours(24), "old");
    history.ended(WORKSPACE, Duration.ofHours(2));

    sweep(retention("1h").of(kept(WORKSPACE, null)));

    assertThat(history.executions(WORKSPACE)).containsExactly(keyed);
  }

  @Test
  void one_that_is_retried_meanwhile_stays() throws SQLException {
    UUID retried = history.ended(WORKSPACE, days(200));
    history.ended(WORKSPACE, days(100));
    try (Connection operator = history.connect();
        PreparedStatement retry = History.prepare(operator, RETRY, WORKSPACE, retried)) {
      operator.setAutoCommit(false);
      retry.execute();

      sweep(retention("90d").of(kept(WORKSPACE, null)));

      assertThat(history.executions(WORKSPACE)).containsExactly(retried);
      operator.commit();
    }
    sweep(retention("90d").of(kept(WORKSPACE, null)));
    assertThat(history.executions(WORKSPACE)).containsExactly(retried);
    assertThat(history.query("select count(*) from step_run where execution_id = ?", retried))
        .containsExactly("2");
  }

  @Test
  void one_that_is_retried_after_it_was_found_stays() throws SQLException {
    UUID retried = history.ended(WORKSPACE, days(200));
    history.ended(WORKSPACE, days(100));
    Retention.Sweep sweep = retention("90d").of(kept(WORKSPACE, null));
    try (Connection connection = history.connect()) {
      Connection interrupted =
          (Connection)
              Proxy.newProxyInstance(
                  Connection.class.getClassLoader(),
                  new Class<?>[] {Connection.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("setAutoCommit") && arguments[0].equals(false)) {
                      history.execute(RETRY, WORKSPACE, retried);
                    }
                    return method.invoke(connection, arguments);
                  });
      sweep.batch(interrupted);
    }
    assertThat(history.executions(WORKSPACE)).containsExactly(retried);
  }

  @Test
  void a_row_that_somebody_has_locked_holds_only_its_own_batch_up() throws SQLException {
    for (int i = 0; i < ExecutionRetention.EXECUTIONS; i++) {
      history.ended(WORKSPACE, days(200));
    }
    UUID locked = history.executions(WORKSPACE).get(7);
    history.ended(WORKSPACE, days(100));
    try (Connection stranger = history.connect();
        PreparedStatement lock =
            History.prepare(
                stranger, "select 1 from task where execution_id = ? for update", locked)) {
      stranger.setAutoCommit(false);
      lock.execute();

      sweep(retention("90d").of(kept(WORKSPACE, null)));

      assertThat(history.executions(WORKSPACE)).hasSize(ExecutionRetention.EXECUTIONS);
    }
    sweep(retention("90d").of(kept(WORKSPACE, null)));
    assertThat(history.rows(WORKSPACE)).allMatch(row -> row.endsWith(" 0"));
  }

  @Test
  void two_replicas_at_once_do_no_harm() throws Exception {
    for (int i = 0; i < 3 * ExecutionRetention.EXECUTIONS; i++) {
      history.ended(WORKSPACE, days(200));
    }
    UUID young = history.ended(WORKSPACE, days(1));
    List<CompletableFuture<Integer>> replicas = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Retention.Sweep sweep = retention("90d").of(kept(WORKSPACE, null));
      replicas.add(
          CompletableFuture.supplyAsync(() -> {
            try {
              return sweep(sweep);
            } catch (SQLException e) {
              throw new AssertionError(e);
            }
          }));
    }
    for (CompletableFuture<Integer> replica : replicas) {
      replica.get(60, TimeUnit.SECONDS);
    }
    // what one had passed over because of the other is there for the next look
    sweep(retention("90d").of(kept(WORKSPACE, null)));
    assertThat(history.executions(WORKSPACE)).containsExactly(young);
  }

  @Test
  void of_a_deleted_workspace_everything_ends_and_goes() throws SQLException {
    history.ended(WORKSPACE, days(1));
    history.unfinished(WORKSPACE, days(1));
    UUID other = history.unfinished(OTHER, days(1));

    sweep(retention("never").of(new Retention.Subject(WORKSPACE, true, 900)));

    assertThat(history.rows(WORKSPACE)).allMatch(row -> row.endsWith(" 0"));
    assertThat(history.query("select execution_id from execution_queue"))
        .containsExactly(other.toString());
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }
}
