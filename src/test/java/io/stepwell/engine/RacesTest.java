package io.stepwell.engine;

import static io.stepwell.engine.EngineDatabase.entry;
import static io.stepwell.engine.EngineDatabase.lease;
import static io.stepwell.engine.EngineDatabase.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.engine.JournalEntry.Finish;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two transactions for one execution, the second of which comes before the first has committed. */
@QuarkusTest
@TestProfile(DrivenByHand.class)
class RacesTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Finish COMPLETED = new Finish(ExecutionStatus.COMPLETED, null, 1, 0, 0, 2);

  @Inject
  @Named("engine")
  DataSource database;

  @Inject JournalWriter writer;
  @Inject DatabaseClock clock;

  private static TestWorkspace own;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private StallingDatabase stalling;
  private TestReplica queue;
  private TestExecution execution;

  @BeforeEach
  void startExecution() throws SQLException {
    Rows.layToRest(database);
    new DatabaseTime(database);
    queue = new TestReplica(database, Workers.SETTINGS, clock);
    stalling = new StallingDatabase(database);
    if (own == null) {
      own = TestWorkspace.create();
    }
    execution = TestWorkflow.of(own, "{'name': 'a', 'type': 'scripted'}").start();
  }

  @AfterEach
  void stopThreads() {
    stalling.letCommit();
    threads.close();
  }

  private static Claim claim(TestReplica queue) throws SQLException {
    List<Claim> claims = queue.claim(1).claims();
    assertThat(claims).hasSize(1);
    return claims.getFirst();
  }

  private void expireLease() throws SQLException {
    try (Connection connection = database.getConnection()) {
      EngineDatabase.execute(
          connection,
          "update execution_queue set due_at = now() where execution_id = ?",
          UUID.fromString(execution.id()));
    }
  }

  /** Claims, and has not committed yet. */
  private Future<Claim> claiming() throws InterruptedException {
    // a look comes before the claim
    stalling = new StallingDatabase(database, 1);
    TestReplica other = new TestReplica(stalling.dataSource(), Workers.SETTINGS, clock);
    Future<Claim> claiming = threads.submit(() -> claim(other));
    stalling.awaitCommit();
    return claiming;
  }

  private JournalWriter.Written write(JournalEntry entry) throws SQLException {
    return writer.write(List.of(entry), JournalWriter.Locks.EXPECT_NONE);
  }

  private void commitOnceSomebodyWaits() {
    await().atMost(SOON).until(() -> Rows.waiting(database) > 0);
    stalling.letCommit();
  }

  @Test
  void a_cancel_that_meets_a_claim_takes_the_execution_from_it() throws Exception {
    Future<Claim> claiming = claiming();
    Future<Response> cancel = threads.submit(execution::cancel);
    commitOnceSomebodyWaits();
    Claim claim = claiming.get();
    assertThat(cancel.get().statusCode()).isEqualTo(200);

    assertThat(queue.stillHeld(List.of(lease(claim)))).isEmpty();
    JournalEntry late = entry(claim, COMPLETED, step("0", StepStatus.COMPLETED, 1));
    assertThat(write(late).lost()).containsExactly(late);
    assertThat(execution.get().path("status").textValue()).isEqualTo("CANCELLED");
  }

  @Test
  void a_zombie_that_meets_the_claim_of_another_replica_is_fenced() throws Exception {
    Claim lost = claim(queue);
    expireLease();
    Future<Claim> claiming = claiming();
    JournalEntry late = entry(lost, COMPLETED, step("0", StepStatus.FAILED, 1));
    // it does not wait for the claim, and is tried again
    assertThat(write(late).locked()).containsExactly(late);
    stalling.letCommit();
    Claim won = claiming.get();
    assertThat(write(late).lost()).containsExactly(late);

    JournalEntry end = entry(won, COMPLETED, step("0", StepStatus.COMPLETED, 1));
    assertThat(write(end)).isEqualTo(new JournalWriter.Written());
    assertThat(execution.get().path("status").textValue()).isEqualTo("COMPLETED");
  }

  @Test
  void what_is_being_recorded_is_not_claimed_though_its_lease_ran_out() throws Exception {
    Claim claim = claim(queue);
    expireLease();
    DataSource slow = stalling.dataSource();
    JournalWriter other = new JournalWriter(slow, (connection, effects) -> {});
    JournalEntry entry = entry(claim, step("0", StepStatus.COMPLETED, 1));
    Future<JournalWriter.Written> writing =
        threads.submit(() -> other.write(List.of(entry), JournalWriter.Locks.EXPECT_NONE));
    stalling.awaitCommit();
    assertThat(queue.claim(1).claims()).isEmpty();
    stalling.letCommit();
    assertThat(writing.get()).isEqualTo(new JournalWriter.Written());

    assertThat(claim(queue).results().get("0").status()).isEqualTo(StepStatus.COMPLETED);
  }

  @Test
  void of_two_retries_at_once_one_is_refused() throws Exception {
    execution.cancel().then().statusCode(200);
    Rows.layToRest(database);
    Future<Response> first;
    Future<Response> second;
    try (Connection lock = database.getConnection()) {
      lock.setAutoCommit(false);
      EngineDatabase.execute(
          lock,
          "update execution set change = change where id = ?",
          UUID.fromString(execution.id()));
      first = threads.submit(() -> execution.post("/retry"));
      second = threads.submit(() -> execution.post("/retry"));
      await().atMost(SOON).until(() -> Rows.waiting(database) == 2);
      lock.rollback();
      lock.setAutoCommit(true);
    }
    assertThat(List.of(first.get().statusCode(), second.get().statusCode()))
        .containsExactlyInAnyOrder(202, 409);
    assertThat(claim(queue).executionId()).hasToString(execution.id());
    assertThat(queue.claim(1).claims()).isEmpty();
  }
}
