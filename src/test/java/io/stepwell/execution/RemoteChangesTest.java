package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Turn by turn, on changes that another replica makes. */
class RemoteChangesTest {
  private static final UUID WORKSPACE = new UUID(1, 1);
  private static final UUID WORKFLOW = new UUID(2, 1);

  private final TestDatabase database = TestDatabase.migrated();
  private final ExecutionChanges changes = new ExecutionChanges();
  private final RemoteChanges remote = new RemoteChanges(database.dataSource(), changes);
  private final UUID execution = UUID.randomUUID();
  private final AtomicInteger told = new AtomicInteger();

  @BeforeEach
  void createExecution() throws SQLException {
    execute(
        "insert into workspace (id, slug, name, created_at, updated_at)"
            + " values ('%s', 'own', 'own', now(), now())".formatted(WORKSPACE));
    execute(
        "insert into workflow (id, workspace_id, key, version, name, enabled, created_at,"
            + " updated_at) values ('%s', '%s', 'k', 1, 'k', true, now(), now())"
                .formatted(WORKFLOW, WORKSPACE));
    execute(
        "insert into workflow_version (workflow_id, version, workspace_id, definition,"
            + " created_at, created_by) values ('%s', 1, '%s', '{}', now(), 'test')"
                .formatted(WORKFLOW, WORKSPACE));
    leased(execution);
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void leased(UUID id) throws SQLException {
    execute(
        "insert into execution (id, workspace_id, workflow_id, workflow_version, status,"
            + " trigger_data, user_id, created_at, total_steps)"
            + " values ('%s', '%s', '%s', 1, 'RUNNING', '{}', 'user', now(), 2)"
                .formatted(id, WORKSPACE, WORKFLOW));
    execute(
        "insert into execution_queue (workspace_id, execution_id, due_at, lease_token)"
            + " values ('%s', '%s', now(), gen_random_uuid())".formatted(WORKSPACE, id));
  }

  private void step(UUID id, int change) throws SQLException {
    execute(
        "insert into step_run (execution_id, path, workspace_id, index, status, attempts, change)"
            + " values ('%s', '0', '%s', 0, 'RUNNING', 1, %d)".formatted(id, WORKSPACE, change)
            + " on conflict (workspace_id, execution_id, path) do update set change = excluded.change");
  }

  private int turn() throws SQLException {
    told.set(0);
    remote.look();
    return told.get();
  }

  @Test
  void what_another_replica_does_to_a_watched_execution_is_told_once() throws SQLException {
    try (ExecutionChanges.Watch watch =
        changes.watch(WORKSPACE, execution, told::incrementAndGet)) {
      turn();
      assertThat(turn()).as("nothing happened").isZero();
      step(execution, 3);
      assertThat(turn()).as("a step began").isEqualTo(1);
      assertThat(turn()).isZero();
      step(execution, 4);
      assertThat(turn()).as("a step changed").isEqualTo(1);
      // a release: what the steps say stands in the queue's row
      execute("update execution_queue set lease_token = null, change = 5");
      assertThat(turn()).as("it was given back").isEqualTo(1);
      execute("update execution_queue set lease_token = gen_random_uuid()");
      assertThat(turn()).as("it was claimed").isLessThanOrEqualTo(1);
      step(execution, 6);
      assertThat(turn()).as("a step changed after a claim").isEqualTo(1);
      execute("update execution set status = 'CANCELLED', finished_at = now(), change = 7");
      execute("delete from execution_queue");
      assertThat(turn()).as("it was cancelled").isEqualTo(1);
      assertThat(turn()).isZero();
    }
  }

  @Test
  void each_of_thousands_that_are_watched_is_looked_at() throws SQLException {
    List<ExecutionChanges.Watch> watches = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < 2_500; i++) {
        UUID id = new UUID(7, i);
        watches.add(changes.watch(WORKSPACE, id, told::incrementAndGet));
        statement.addBatch(
            "insert into execution (id, workspace_id, workflow_id, workflow_version, status,"
                + " trigger_data, user_id, created_at, total_steps)"
                + " values ('%s', '%s', '%s', 1, 'RUNNING', '{}', 'user', now(), 2)"
                    .formatted(id, WORKSPACE, WORKFLOW));
      }
      statement.executeBatch();
    }
    assertThat(turn()).isEqualTo(2_500);
    assertThat(turn()).isZero();
    execute(
        "update execution set change = 1 where id not in (select execution_id from execution_queue)");
    assertThat(turn()).isEqualTo(2_500);
    watches.forEach(ExecutionChanges.Watch::close);
    assertThat(turn()).isZero();
  }

  @Test
  void another_workspace_s_execution_is_not_looked_at() throws SQLException {
    try (ExecutionChanges.Watch watch =
        changes.watch(UUID.randomUUID(), execution, told::incrementAndGet)) {
      step(execution, 3);
      assertThat(turn()).isZero();
    }
  }
}
