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
  private static final String WAITING =
      "select count(*) from pg_stat_activity"
          + " where datname = current_database() and wait_event_type = 'Lock'";

  private EngineDatabase database;
  private ClaimQueue queue;

  @BeforeEach
  void open() throws SQLException {
    database = new EngineDatabase();
    queue = database.replica();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static List<UUID> ids(ClaimQueue.Found found) {
    return found.claims().stream().map(Claim::executionId).toList();
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
            ClaimQueue own = database.replica();
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
    ClaimQueue brief = database.replica(Map.of("stepwell.engine.lease", "50ms"));
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
    ClaimQueue brief = database.replica(Map.of("stepwell.engine.lease", "50ms"));
    Claim claim = brief.claim(1).claims().getFirst();
    queue.renew(List.of(lease(claim)));
    Instant due =
        Instant.parse(
            database
                .value("select to_json(due_at) #>> '{}' from execution")
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
      EngineDatabase.execute(
          cancel,
          "update execution set status = 'CANCELLED', finished_at = now(), due_at = null"
              + " where id = ?",
          id);
      cancel.commit();
    }
    assertThat(queue.claim(1).claims()).isEmpty();
    assertThat(database.status(id)).isEqualTo("CANCELLED");
  }

  @Test
  void what_is_given_back_is_claimed_at_once_with_its_steps() throws SQLException {
    UUID id = database.due();
    Claim claim = claimOne();
    database.writer().write(List.of(entry(claim, step("0", StepStatus.COMPLETED, 3))));
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
    database
        .writer()
        .write(
            List.of(
                entry(claim, step("0", StepStatus.COMPLETED, 2)),
                entry(claim, step("1", StepStatus.RUNNING, 3))));
    // it died: nobody wrote into the execution how many changes there were
    database.execute("update execution set due_at = now()");
    assertThat(claimOne().change()).isEqualTo(3);
  }

  @Test
  void what_sleeps_is_told_but_not_claimed() throws SQLException {
    database.due();
    Claim claim = claimOne();
    database
        .writer()
        .write(List.of(entry(claim, new Release(new After(Duration.ofMinutes(5)), 7))));
    ClaimQueue.Found found = queue.claim(1);

    assertThat(found.claims()).isEmpty();
    assertThat(found.nextDue().orElseThrow())
        .isBetween(Instant.now().plusSeconds(200), Instant.now().plusSeconds(301));
    database.execute("update execution set due_at = now()");
    Claim next = claimOne();
    assertThat(next.claims()).isEqualTo(1);
    assertThat(next.change()).isEqualTo(7);
  }

  /** The journal locks in the order of the ids; whoever locks otherwise can deadlock with it. */
  @Test
  void leases_are_prolonged_and_given_back_in_the_order_of_the_ids() throws Exception {
    List<Claim> claims = new ArrayList<>();
    for (String digit : List.of("9", "5", "1")) {
      UUID id = database.due();
      database.execute(
          "update execution set id = ? where id = ?",
          UUID.fromString("00000000-0000-7000-8000-00000000000" + digit),
          id);
      claims.add(claimOne());
    }
    List<Lease> leases = claims.stream().map(EngineDatabase::lease).toList();
    for (Callable<?> write :
        List.<Callable<?>>of(
            () -> {
              queue.renew(leases);
              return "";
            },
            () -> {
              queue.giveBack(leases);
              return "";
            })) {
      try (ExecutorService other = Executors.newSingleThreadExecutor();
          Connection journal = database.connect()) {
        journal.setAutoCommit(false);
        EngineDatabase.lock(journal, claims.getLast().executionId());
        Future<?> written = other.submit(write);
        await().until(() -> !"0".equals(database.value(WAITING)));

        EngineDatabase.execute(journal, "set lock_timeout = '1s'");
        EngineDatabase.lock(journal, claims.getFirst().executionId());
        journal.commit();
        written.get();
      }
    }
  }

  /** Else a payload that kills takes those down for good that are always claimed along with it. */
  @Test
  void what_was_claimed_often_without_progress_is_claimed_alone() throws SQLException {
    ClaimQueue cautious = database.replica(Map.of("stepwell.engine.max-claims", "6"));
    UUID fresh = database.due();
    UUID suspect = database.due();
    UUID other = database.due();
    database.execute(
        "update execution set claims = 3, due_at = now() - interval '1 hour' where id in (?, ?)",
        suspect,
        other);

    List<UUID> claimed = ids(cautious.claim(10));

    assertThat(claimed).hasSize(2).contains(fresh);
    UUID later = claimed.contains(suspect) ? other : suspect;
    assertThat(
            database.value(
                "select claims || ' ' || (due_at between now() and now() + interval '10 seconds')"
                    + " from execution where id = ?",
                later))
        .isEqualTo("3 true");
    database.execute("update execution set due_at = now() where id = ?", later);
    assertThat(ids(cautious.claimUnsuspected(10))).as("beside another suspect").isEmpty();
    database.execute("update execution set due_at = now() where id = ?", later);
    List<Claim> alone = cautious.claim(10).claims();
    assertThat(alone).extracting(Claim::executionId).containsExactly(later);
    assertThat(cautious.isSuspect(alone.getFirst())).isTrue();
  }
}
