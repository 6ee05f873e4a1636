package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HousekeepingTest {
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final TestDatabase database = TestDatabase.migrated();
  private final List<UUID> batches = new ArrayList<>();
  private final Map<UUID, Integer> toDelete = new HashMap<>();

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  /** Counts down what there is to delete in a workspace. */
  private boolean batch(UUID workspace) {
    int left = toDelete.getOrDefault(workspace, 0);
    if (left == 0) {
      return false;
    }
    batches.add(workspace);
    toDelete.put(workspace, left - 1);
    return left > 1;
  }

  private Housekeeping replica(Housekeeping.Pause pause) {
    Retention counting = workspace -> connection -> batch(workspace.workspaceId());
    return new Housekeeping(List.of(counting), database.dataSource(), INTERVAL, pause);
  }

  private List<UUID> workspaces(int count) throws SQLException {
    execute(
        """
        insert into workspace (id, slug, name, created_at, updated_at)
        select gen_random_uuid(), 'w-' || n, 'own', now(), now() from generate_series(1, %d) n
        """
            .formatted(count));
    List<UUID> ids = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select id from workspace order by id")) {
      while (rows.next()) {
        ids.add(rows.getObject(1, UUID.class));
      }
    }
    return ids;
  }

  @Test
  void every_workspace_is_visited_to_its_end() throws Exception {
    List<UUID> ids = workspaces(250);
    ids.forEach(id -> toDelete.put(id, 1));
    toDelete.put(ids.get(3), 100);
    toDelete.put(ids.get(7), 45);

    assertThat(replica(batch -> true).look(true)).isTrue();

    assertThat(batches).hasSize(248 + 100 + 45);
    assertThat(toDelete.values()).containsOnly(0);
    // one with very much to do kept none of the others waiting
    assertThat(new LinkedHashSet<>(batches)).containsExactlyElementsOf(ids);
    assertThat(batches.subList(0, 300)).contains(ids.getLast());
  }

  @Test
  void one_replica_at_a_time_looks_and_the_next_look_is_after_the_interval() throws Exception {
    toDelete.put(workspaces(1).getFirst(), 2);
    CountDownLatch paused = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Housekeeping first =
        replica(batch -> {
          paused.countDown();
          return goOn.await(20, TimeUnit.SECONDS);
        });
    Housekeeping second = replica(batch -> true);
    CompletableFuture<Boolean> look =
        CompletableFuture.supplyAsync(() -> {
          try {
            return first.look(true);
          } catch (SQLException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(paused.await(20, TimeUnit.SECONDS)).isTrue();

    assertThat(second.look(true)).as("while the first one is at it").isFalse();

    goOn.countDown();
    assertThat(look.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.look(false)).as("before it is due again").isFalse();
    assertThat(second.look(true)).as("by a replica that has just started").isTrue();
    turn(INTERVAL);
    assertThat(second.look(false)).isTrue();
  }

  @Test
  void the_duty_of_a_replica_that_died_is_due_again() throws Exception {
    workspaces(1);
    assertThat(new Duty(database.dataSource(), "housekeeping").take(true)).isTrue();
    Housekeeping other = replica(batch -> true);

    assertThat(other.look(true)).isFalse();

    turn(Duty.LEASE);
    assertThat(other.look(false)).isTrue();
  }

  @Test
  void whoever_stops_in_the_middle_leaves_the_rest_to_another_one_at_once() throws Exception {
    UUID workspace = workspaces(1).getFirst();
    toDelete.put(workspace, 5);

    assertThat(replica(batch -> batches.size() < 2).look(true)).isFalse();
    assertThat(toDelete).containsEntry(workspace, 3);

    assertThat(replica(batch -> true).look(false)).isTrue();
    assertThat(toDelete).containsEntry(workspace, 0);
  }

  @Test
  void trouble_with_one_kind_of_rows_or_one_workspace_leaves_the_others() throws Exception {
    List<UUID> ids = workspaces(3);
    ids.forEach(id -> toDelete.put(id, 1));
    Retention failing =
        workspace ->
            connection -> {
              if (workspace.workspaceId().equals(ids.get(1))) {
                throw new SQLException("another session holds it", "55P03");
              }
              throw new SQLException("somebody dropped a column", "42703");
            };
    Retention counting = workspace -> connection -> batch(workspace.workspaceId());

    assertThat(
            new Housekeeping(
                    List.of(failing, counting), database.dataSource(), INTERVAL, batch -> true)
                .look(true))
        .isTrue();

    assertThat(batches).isEqualTo(ids);
  }

  /** Lets time pass for the row. */
  private void turn(Duration time) throws SQLException {
    execute(
        "update duty set due_at = due_at - interval '%d milliseconds'".formatted(time.toMillis()));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
