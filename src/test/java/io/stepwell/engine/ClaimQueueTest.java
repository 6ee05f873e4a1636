package io.stepwell.engine;

import static io.stepwell.engine.EngineDatabase.entry;
import static io.stepwell.engine.EngineDatabase.lease;
import static io.stepwell.engine.EngineDatabase.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stepwell.engine.JournalEntry.After;
import io.stepwell.engine.JournalEntry.Release;
import io.stepwell.execution.StepStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClaimQueueTest {
  private EngineDatabase database;
  private TestReplica queue;

  @BeforeEach
  void open() throws SQLException {
    database = new EngineDatabase();
    queue = database.replica();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static List<UUID> ids(TestReplica.Found found) {
    return found.claims().stream().map(Claim::executionId).toList();
  }

  private Claim claimOne(UUID id) throws SQLException {
    Claim claim = claimOne();
    assertThat(claim.executionId()).isEqualTo(id);
    return claim;
  }

  private Claim claimOne() throws SQLException {
    List<Claim> claims = queue.claim(1).claims();
    assertThat(claims).hasSize(1);
    return claims.getFirst();
  }

  @Test
  void what_is_due_is_claimed_the_longest_due_first() throws SQLException {
    UUID first = database.due();
    UUID second = database.due();
    UUID third = database.due();
    assertThat(ids(queue.claim(2))).containsExactlyInAnyOrder(first, second);
    assertThat(ids(queue.claim(2))).containsExactly(third);
    assertThat(ids(queue.claim(2))).isEmpty();
    assertThat(database.status(first)).isEqualTo("RUNNING");
  }

  @Test
  void of_replicas_that_claim_at_once_each_takes_what_the_others_do_not() throws Exception {
    Set<UUID> due = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      due.add(database.due());
    }
    List<UUID> claimed = new ArrayList<>();
    CyclicBarrier together = new CyclicBarrier(4);
    try (ExecutorService replicas = Executors.newFixedThreadPool(4)) {
      Callable<List<UUID>> replica =
          () -> {
            TestReplica own = database.replica();
            List<UUID> taken = new ArrayList<>();
            together.await();
            for (int i = 0; i < 10; i++) {
              taken.addAll(ids(own.claim(3)));
            }
            return taken;
          };
      for (Future<List<UUID>> taken :
          replicas.invokeAll(List.of(replica, replica, replica, replica))) {
        claimed.addAll(taken.get());
      }
    }
    claimed.addAll(ids(queue.claim(40)));
    assertThat(claimed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(due);
  }

  @Test
  void an_expired_lease_is_claimed_by_another_replica() throws SQLException {
    UUID id = database.due();
    TestReplica brief = database.replica(Map.of("stepwell.engine.lease", "50ms"));
    Claim lost = brief.claim(1).claims().getFirst();
    Claim won =
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> queue.claim(1).claims(), claims -> !claims.isEmpty())
            .getFirst();

    assertThat(won.executionId()).isEqualTo(id);
    assertThat(won.token()).isNotEqualTo(lost.token());
    assertThat(won.claims()).isEqualTo(2);
    assertThat(won.startedAt()).isEqualTo(lost.startedAt());
    assertThat(queue.stillHeld(List.of(lease(lost)))).isEmpty();
    assertThat(queue.stillHeld(List.of(lease(won)))).containsExactly(id);
    queue.renew(List.of(lease(lost)));
    queue.giveBack(List.of(lease(lost)));
    assertThat(queue.stillHeld(List.of(lease(won)))).containsExactly(id);
  }

  @Test
  void a_lease_that_is_prolonged_is_not_claimed() throws SQLException {
    database.due();
    TestReplica brief = database.replica(Map.of("stepwell.engine.lease", "50ms"));
    Claim claim = brief.claim(1).claims().getFirst();
    queue.renew(List.of(lease(claim)));
    Instant due =
        Instant.parse(
            database
                .value("select to_json(due_at) #>> '{}' from execution_queue")
                .replace("+00:00", "Z"));
    assertThat(due).isAfter(Instant.now().plusSeconds(5));
    assertThat(queue.claim(1).claims()).isEmpty();
  }

  /** A cancel holds the row's lock while it writes. */
  @Test
  void what_is_being_cancelled_is_not_claimed() throws SQLException {
    UUID id = database.due();
    try (Connection cancel = database.connect()) {
      cancel.setAutoCommit(false);
      EngineDatabase.lock(cancel, id);
      assertThat(queue.claim(1).claims()).isEmpty();
      EngineDatabase.cancel(cancel, id);
      cancel.commit();
    }
    assertThat(queue.claim(1).claims()).isEmpty();
    assertThat(database.status(id)).isEqualTo("CANCELLED");
  }

  @Test
  void what_is_given_back_is_claimed_at_once_with_its_steps() throws SQLException {
    UUID id = database.due();
    Claim claim = claimOne();
    database.write(entry(claim, step("0", StepStatus.COMPLETED, 3)));
    queue.giveBack(List.of(lease(claim)));
    assertThat(queue.stillHeld(List.of(lease(claim)))).isEmpty();

    Claim next = claimOne();
    assertThat(next.executionId()).isEqualTo(id);
    assertThat(next.claims()).isEqualTo(1);
    assertThat(next.results()).containsOnlyKeys("0");
    assertThat(next.results().get("0").output().path("path").textValue()).isEqualTo("0");
  }

  @Test
  void the_changes_of_a_dead_replica_are_counted_on() throws SQLException {
    database.due();
    Claim claim = claimOne();
    database.write(
        entry(claim, step("0", StepStatus.COMPLETED, 2)),
        entry(claim, step("1", StepStatus.RUNNING, 3)));
    // it died: nobody wrote into the execution how many changes there were
    database.execute("update execution_queue set due_at = now()");
    assertThat(claimOne().change()).isEqualTo(3);
  }

  @Test
  void what_sleeps_is_told_but_not_claimed() throws SQLException {
    database.due();
    Claim claim = claimOne();
    database.write(entry(claim, new Release(new After(Duration.ofMinutes(5)), 7)));
    TestReplica.Found found = queue.claim(1);

    assertThat(found.claims()).isEmpty();
    assertThat(found.nextDue().orElseThrow())
        .isBetween(Instant.now().plusSeconds(200), Instant.now().plusSeconds(301));
    database.execute("update execution_queue set due_at = now()");
    Claim next = claimOne();
    assertThat(next.claims()).isEqualTo(1);
    assertThat(next.change()).isEqualTo(7);
  }

  /** A stranger's lock on one row must not end the leases of all the others. */
  @Test
  void a_locked_row_holds_up_neither_the_renewals_nor_the_claims_of_others() throws SQLException {
    Claim locked = claimOne(database.due());
    Claim free = claimOne(database.due());
    UUID due = database.due();
    UUID lockedAndDue = database.due();
    try (Connection stranger = database.connect()) {
      stranger.setAutoCommit(false);
      EngineDatabase.lock(stranger, locked.executionId());
      EngineDatabase.lock(stranger, lockedAndDue);

      assertThat(queue.renew(List.of(lease(locked), lease(free))))
          .containsExactly(free.executionId());
      assertThat(queue.stillHeld(List.of(lease(locked), lease(free))))
          .containsExactlyInAnyOrder(locked.executionId(), free.executionId());
      TestReplica.Found found = queue.claim(10);
      assertThat(ids(found)).containsExactly(due);
      assertThat(found.leftSome()).isTrue();
      stranger.rollback();
    }
    assertThat(queue.renew(List.of(lease(locked)))).containsExactly(locked.executionId());
    assertThat(ids(queue.claim(10))).containsExactly(lockedAndDue);
  }

  @Test
  void an_execution_whose_own_row_is_locked_is_left_for_the_next_look() throws SQLException {
    UUID locked = database.due();
    UUID due = database.due();
    try (Connection stranger = database.connect()) {
      stranger.setAutoCommit(false);
      EngineDatabase.execute(stranger, "update execution set labels = labels where id = ?", locked);

      assertThat(ids(queue.claim(10))).containsExactly(due);
      stranger.rollback();
    }
    assertThat(ids(queue.claim(10))).containsExactly(locked);
  }

  @Test
  void what_still_runs_here_is_not_claimed_here() throws SQLException {
    Claim claim = claimOne(database.due());
    queue.running().add(lease(claim));
    database.execute("update execution_queue set due_at = now()");

    assertThat(ids(queue.claim(10))).isEmpty();
    assertThat(ids(database.replica().claim(10))).containsExactly(claim.executionId());
  }

  /** Else a payload that kills takes those down for good that are always claimed along with it. */
  @Test
  void what_was_claimed_often_without_progress_is_claimed_alone() throws SQLException {
    TestReplica cautious = database.replica(Map.of("stepwell.engine.max-claims", "6"));
    UUID fresh = database.due();
    UUID suspect = database.due();
    UUID other = database.due();
    database.execute(
        "update execution_queue set claims = 3, due_at = now() - interval '1 hour'"
            + " where execution_id in (?, ?)",
        suspect,
        other);

    List<UUID> claimed = ids(cautious.claim(10));

    assertThat(claimed).hasSize(2).contains(fresh);
    UUID later = claimed.contains(suspect) ? other : suspect;
    assertThat(
            database.value(
                "select claims || ' ' || (due_at between now() and now() + interval '10 seconds')"
                    + " from execution_queue where execution_id = ?",
                later))
        .isEqualTo("3 true");
    database.execute("update execution_queue set due_at = now() where execution_id = ?", later);
    assertThat(ids(cautious.claim(10, 0))).as("beside another suspect").isEmpty();
    database.execute("update execution_queue set due_at = now() where execution_id = ?", later);
    List<Claim> alone = cautious.claim(10).claims();
    assertThat(alone).extracting(Claim::executionId).containsExactly(later);
    assertThat(cautious.isSuspect(alone.getFirst())).isTrue();
  }
}
