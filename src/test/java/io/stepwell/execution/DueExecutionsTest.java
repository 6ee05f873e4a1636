package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DueExecutionsTest {
  private static final String WORKFLOW =
      """
      insert into workspace (id, slug, name, created_at, updated_at)
      values (gen_random_uuid(), 'own', 'own', now(), now());
      insert into workflow (id, workspace_id, key, version, name, enabled, created_at, updated_at)
      select gen_random_uuid(), id, 'flow', 1, 'flow', true, now(), now() from workspace;
      insert into workflow_version (workflow_id, version, workspace_id, definition, created_at, created_by)
      select id, 1, workspace_id, '{}', now(), 'test' from workflow;
      """;

  private static final String EXECUTIONS =
      """
      with created as (
        insert into execution (id, workspace_id, workflow_id, workflow_version, status,
          trigger_data, user_id, created_at, total_steps)
        select gen_random_uuid(), workspace_id, id, 1, '%1$s', '{}', 'user', now(), 1
        from workflow, generate_series(1, %3$d)
        returning workspace_id, id)
      insert into execution_queue (workspace_id, execution_id, due_at)
      select workspace_id, id, %2$s from created;
      """;

  private final TestDatabase database = TestDatabase.migrated();
  private final DueExecutions due = new DueExecutions(database.dataSource());

  @BeforeEach
  void createWorkflow() throws SQLException {
    execute(WORKFLOW);
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void where_nothing_runs_nothing_is_due() throws SQLException {
    assertThat(due.look()).isEqualTo(new DueExecutions.Due(Optional.empty(), 0));
  }

  @Test
  void what_waits_for_a_person_is_not_due_by_itself() throws SQLException {
    execute(EXECUTIONS.formatted("RUNNING", "'infinity'", 1));

    assertThat(due.look()).isEqualTo(new DueExecutions.Due(Optional.empty(), 0));
  }

  @Test
  void the_first_of_those_that_wait_says_when() throws SQLException {
    execute(EXECUTIONS.formatted("RUNNING", "now() + interval '3 hours'", 2));
    execute(EXECUTIONS.formatted("RUNNING", "now() + interval '1 hour'", 1));

    DueExecutions.Due found = due.look();

    assertThat(found.due()).isZero();
    assertThat(found.nextDueAt())
        .hasValueSatisfying(at ->
            assertThat(Duration.between(Instant.now(), at))
                .isBetween(Duration.ofMinutes(50), Duration.ofMinutes(61)));
  }

  @Test
  void those_that_are_due_are_counted() throws SQLException {
    execute(EXECUTIONS.formatted("PENDING", "now() - interval '1 minute'", 3));
    execute(EXECUTIONS.formatted("RUNNING", "now() + interval '1 hour'", 1));

    DueExecutions.Due found = due.look();

    assertThat(found.due()).isEqualTo(3);
    assertThat(found.nextDueAt()).hasValueSatisfying(at -> assertThat(at).isBefore(Instant.now()));
  }

  @Test
  void counting_ends_at_the_bound() throws SQLException {
    execute(EXECUTIONS.formatted("PENDING", "now()", DueExecutions.COUNTED + 5));

    assertThat(due.look().due()).isEqualTo(DueExecutions.COUNTED);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
