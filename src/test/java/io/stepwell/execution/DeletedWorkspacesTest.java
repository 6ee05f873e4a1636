package io.stepwell.execution;

import static io.stepwell.execution.History.OTHER;
import static io.stepwell.execution.History.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeletedWorkspacesTest {
  private final History history = new History();
  private final ExecutionChanges changes = new ExecutionChanges();
  private final DeletedWorkspaces deleted =
      new DeletedWorkspaces(history.database.dataSource(), changes, new SimpleMeterRegistry());

  DeletedWorkspacesTest() throws SQLException {}

  @AfterEach
  void dropDatabase() {
    history.close();
  }

  @Test
  void what_is_unfinished_is_cancelled_and_leaves_the_queue() throws SQLException {
    UUID ended = history.ended(WORKSPACE, Duration.ofDays(1));
    for (int i = 0; i < 250; i++) {
      history.unfinished(WORKSPACE, Duration.ofHours(1));
    }
    history.execute(
        "update step_run set status = 'RUNNING', finished_at = null"
            + " where path = '1' and execution_id <> ?",
        ended);
    UUID other = history.unfinished(OTHER, Duration.ofHours(1));
    List<UUID> told = new ArrayList<>();
    changes.onChange(told::add);

    assertThat(deleted.cancelUnlocked(WORKSPACE)).isTrue();

    assertThat(
            history.query(
                "select status || ' ' || count(*) from execution where workspace_id = ?"
                    + " group by status order by status",
                WORKSPACE))
        .containsExactly("CANCELLED 250", "COMPLETED 1");
    assertThat(
            history.query(
                "select status || ' ' || count(*) from step_run where workspace_id = ?"
                    + " group by status order by status",
                WORKSPACE))
        .containsExactly("CANCELLED 250", "COMPLETED 252");
    assertThat(history.query("select execution_id from execution_queue"))
        .containsExactly(other.toString());
    assertThat(told).as("so that leases end here at once").hasSize(250);
    assertThat(
            history.query(
                "select sum(executions) from execution_stat_change where workspace_id = ?"
                    + " group by status order by status",
                WORKSPACE))
        .as("of CANCELLED, COMPLETED and RUNNING")
        .containsExactly("250", "1", "0");
  }

  @Test
  void one_that_somebody_works_on_keeps_none_of_the_others() throws SQLException {
    UUID locked = history.unfinished(WORKSPACE, Duration.ofDays(2));
    history.unfinished(WORKSPACE, Duration.ofDays(1));
    for (String table : List.of("execution_queue where execution_id", "execution where id")) {
      try (Connection stranger = history.connect();
          PreparedStatement lock =
              History.prepare(
                  stranger, "select 1 from " + table + " = ? for no key update", locked)) {
        stranger.setAutoCommit(false);
        lock.execute();

        assertThat(deleted.cancelUnlocked(WORKSPACE)).isFalse();

        assertThat(history.query("select execution_id from execution_queue"))
            .containsExactly(locked.toString());
      }
    }
    assertThat(deleted.cancelUnlocked(WORKSPACE)).isTrue();
    assertThat(history.query("select 1 from execution_queue")).isEmpty();
  }
}
