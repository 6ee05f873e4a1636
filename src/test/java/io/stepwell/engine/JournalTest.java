package io.stepwell.engine;

import static io.stepwell.engine.EngineDatabase.entry;
import static io.stepwell.engine.EngineDatabase.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.engine.JournalEntry.Finish;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.engine.JournalEntry.Release;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal and its writer, on a database of their own. */
class JournalTest {
  private static final Finish COMPLETED = new Finish(ExecutionStatus.COMPLETED, null, 1, 0, 0, 2);

  private static final Duration SOON = Duration.ofSeconds(20);

  private EngineDatabase database;
  private TestReplica queue;
  private JournalWriter writer;
  private final RunningExecutions running =
      new RunningExecutions(EngineDatabase.config(Map.of()), new SimpleMeterRegistry());

  @BeforeEach
  void open() throws SQLException {
    database = new EngineDatabase();
    queue = database.replica();
    writer = database.writer();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Claim claim() throws SQLException {
    database.due();
    return queue.claim(1).claims().getFirst();
  }

  /** What another replica has of an execution whose lease ran out. */
  private Claim claimedBySomebodyElse(Claim claim) throws SQLException {
    database.execute(
        "update execution_queue set due_at = now() where execution_id = ?", claim.executionId());
    return database.replica().claim(1).claims().getFirst();
  }

  private JournalWriter.Written write(JournalEntry... entries) throws SQLException {
    return writer.write(List.of(entries), JournalWriter.Locks.EXPECT_NONE);
  }

  private interface Use {
    void of(Journal journal) throws Exception;
  }

  private void journal(JournalWriter writer, Map<String, String> config, Use use) throws Exception {
    Journal journal =
        new Journal(
            writer,
            new ExecutionChanges(),
            EngineDatabase.config(config),
            new EngineMetrics(new SimpleMeterRegistry()),
            running);
    journal.start(new StartupEvent());
    try {
      use.of(journal);
    } finally {
      journal.stop();
    }
  }

  private static boolean outcome(JournalEntry entry) throws Exception {
    return entry.written().get(20, TimeUnit.SECONDS);
  }

  @Test
  void an_entry_of_a_lost_lease_is_dropped() throws SQLException {
    Claim lost = claim();
    Claim won = claimedBySomebodyElse(lost);
    Claim other = claim();
    JournalEntry late = entry(lost, COMPLETED, step("0", StepStatus.FAILED, 1));
    JournalEntry beside = entry(other, step("0", StepStatus.COMPLETED, 1));

    assertThat(write(late, beside).lost()).containsExactly(late);
    assertThat(database.status(lost.executionId())).isEqualTo("RUNNING");
    assertThat(database.steps(lost.executionId())).isNull();
    assertThat(database.steps(other.executionId())).isEqualTo("0 COMPLETED");
    database.write(entry(won, step("0", StepStatus.COMPLETED, 1)));
    assertThat(database.steps(won.executionId())).isEqualTo("0 COMPLETED");
  }

  @Test
  void of_a_cancel_and_a_late_result_the_cancel_wins_that_came_first() throws Exception {
    Claim claim = claim();
    JournalEntry late = entry(claim, COMPLETED, step("0", StepStatus.COMPLETED, 1));
    try (Connection cancel = database.connect()) {
      cancel.setAutoCommit(false);
      EngineDatabase.lock(cancel, claim.executionId());
      assertThat(write(late).locked()).containsExactly(late);
      EngineDatabase.cancel(cancel, claim.executionId());
      cancel.commit();
    }
    assertThat(write(late).lost()).containsExactly(late);
    assertThat(database.status(claim.executionId())).isEqualTo("CANCELLED");
    assertThat(database.steps(claim.executionId())).isNull();
  }

  @Test
  void an_end_is_written_once_however_often_it_is_repeated() throws SQLException {
    Claim claim = claim();
    JournalEntry end = entry(claim, COMPLETED, step("0", StepStatus.COMPLETED, 1));
    database.write(end);
    // it is not known whether the first commit arrived: it is written again
    assertThat(write(end).lost()).containsExactly(end);
    assertThat(database.status(claim.executionId())).isEqualTo("COMPLETED");
    assertThat(
            database.value(
                "select sum(executions)::text from execution_stat_change"
                    + " where status = 'COMPLETED'"))
        .isEqualTo("1");
  }

  @Test
  void of_several_states_of_a_step_the_last_stays() throws SQLException {
    Claim claim = claim();
    database.write(
        entry(claim, step("0", StepStatus.RUNNING, 1)),
        entry(claim, step("0", StepStatus.COMPLETED, 2)),
        entry(claim, step("1", StepStatus.RUNNING, 3)));
    database.write(entry(claim, step("1", StepStatus.FAILED, 4)));
    assertThat(database.steps(claim.executionId())).isEqualTo("0 COMPLETED, 1 FAILED");
  }

  @Test
  void a_signal_that_came_while_it_ran_is_not_slept_over() throws SQLException {
    Claim claim = claim();
    JournalEntry.Step waiting =
        new JournalEntry.Step(
            "0",
            0,
            StepStatus.RUNNING,
            1,
            1,
            null,
            null,
            Instant.now(),
            null,
            Pause.SIGNAL,
            new JournalEntry.Never());
    database.write(entry(claim, waiting));
    database.execute("update step_run set signal = '{\"output\": 1}'");
    database.write(entry(claim, new Release(new OnSignal("0"), 1)));

    Claim next = queue.claim(1).claims().getFirst();
    assertThat(next.results().get("0").signal().path("output").intValue()).isEqualTo(1);
    database.write(entry(next, new Release(new OnSignal("none"), 1)));
    assertThat(queue.claim(1).claims()).isEmpty();
  }

  @Test
  void one_bad_row_fails_only_itself() throws Exception {
    List<JournalEntry> entries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      entries.add(entry(claim(), step(i == 2 ? "\0" : "0", StepStatus.COMPLETED, 1)));
    }
    // one transaction for all of them: nothing is written before the last one is there
    journal(
        writer,
        Map.of(),
        journal -> {
          entries.forEach(journal::append);
          for (int i = 0; i < 5; i++) {
            JournalEntry entry = entries.get(i);
            if (i == 2) {
              assertThatThrownBy(() -> outcome(entry)).isInstanceOf(ExecutionException.class);
              assertThat(database.steps(entry.executionId())).isNull();
            } else {
              assertThat(outcome(entry)).isTrue();
              assertThat(database.steps(entry.executionId())).isEqualTo("0 COMPLETED");
            }
          }
        });
  }

  @Test
  void after_a_refused_record_nothing_of_that_claim_becomes_durable() throws Exception {
    Claim claim = claim();
    JournalEntry bad = entry(claim, step("\0", StepStatus.COMPLETED, 1));
    JournalEntry end = entry(claim, COMPLETED, step("1", StepStatus.COMPLETED, 2));
    journal(
        writer,
        Map.of(),
        journal -> {
          journal.append(bad);
          journal.append(end);
          assertThatThrownBy(() -> outcome(bad)).isInstanceOf(ExecutionException.class);
          assertThat(outcome(end)).isFalse();
        });
    assertThat(database.status(claim.executionId())).isEqualTo("RUNNING");
    assertThat(database.steps(claim.executionId())).isNull();
  }

  @Test
  void what_is_lazy_goes_along_or_soon() throws Exception {
    Claim claim = claim();
    JournalEntry lazy = lazy(entry(claim, step("0", StepStatus.RUNNING, 1)));
    journal(
        writer,
        Map.of(),
        journal -> {
          journal.append(lazy);
          assertThat(outcome(lazy)).isTrue();
        });
    assertThat(database.steps(claim.executionId())).isEqualTo("0 RUNNING");
  }

  @Test
  void what_is_lazy_is_written_at_once_when_somebody_waits_for_it() throws Exception {
    Claim claim = claim();
    JournalEntry lazy = lazy(entry(claim, step("0", StepStatus.COMPLETED, 1)));
    journal(
        writer,
        Map.of("stepwell.engine.linger", "1h"),
        journal -> {
          journal.append(lazy);
          journal.hurry();
          assertThat(outcome(lazy)).isTrue();
        });
    assertThat(database.steps(claim.executionId())).isEqualTo("0 COMPLETED");
  }

  @Test
  void a_note_is_written_soon() throws Exception {
    Claim claim = claim();
    JournalEntry note = lazy(entry(claim, step("0", StepStatus.RUNNING, 1)));
    journal(
        writer,
        Map.of(),
        journal -> {
          journal.note(note);
          assertThat(outcome(note)).isTrue();
        });
    assertThat(database.steps(claim.executionId())).isEqualTo("0 RUNNING");
  }

  @Test
  void a_note_is_needless_once_more_is_known_of_its_step() throws Exception {
    Claim claim = claim();
    JournalEntry note = lazy(entry(claim, step("0", StepStatus.RUNNING, 1)));
    JournalEntry end = entry(claim, step("0", StepStatus.COMPLETED, 2));
    journal(
        writer,
        Map.of("stepwell.engine.linger", "1h"),
        journal -> {
          journal.note(note);
          journal.append(end);
          assertThat(outcome(end)).isTrue();
        });
    assertThat(note.written()).isNotDone();
    assertThat(database.steps(claim.executionId())).isEqualTo("0 COMPLETED");
  }

  @Test
  void a_note_of_another_step_is_written_with_what_comes_next() throws Exception {
    Claim claim = claim();
    JournalEntry note = lazy(entry(claim, step("0", StepStatus.RUNNING, 1)));
    JournalEntry end = entry(claim, step("1", StepStatus.COMPLETED, 2));
    journal(
        writer,
        Map.of("stepwell.engine.linger", "1h"),
        journal -> {
          journal.note(note);
          journal.append(end);
          assertThat(outcome(note)).isTrue();
        });
    assertThat(database.steps(claim.executionId())).isEqualTo("0 RUNNING, 1 COMPLETED");
  }

  @Test
  void notes_are_written_before_the_journal_stops() throws Exception {
    Claim claim = claim();
    JournalEntry note = lazy(entry(claim, step("0", StepStatus.RUNNING, 1)));
    journal(writer, Map.of("stepwell.engine.linger", "1h"), journal -> journal.note(note));
    assertThat(database.steps(claim.executionId())).isEqualTo("0 RUNNING");
  }

  private static JournalEntry lazy(JournalEntry entry) {
    return new JournalEntry(
        entry.executionId(),
        entry.token(),
        entry.workspaceId(),
        entry.steps(),
        entry.effects(),
        entry.ending(),
        entry.progressed(),
        entry.bytes(),
        true,
        entry.since(),
        entry.written());
  }

  @Test
  void what_was_handed_over_is_written_before_the_journal_stops() throws Exception {
    List<JournalEntry> entries = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      entries.add(entry(claim(), COMPLETED, step("0", StepStatus.COMPLETED, 1)));
    }
    journal(
        writer,
        Map.of("stepwell.engine.journal-batch", "7"),
        journal -> entries.forEach(journal::append));
    for (JournalEntry entry : entries) {
      assertThat(entry.written()).isCompletedWithValue(true);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    // the server cannot be reached; the role may not log in; the password was changed; read-only
    "connect, 08006",
    "connect, 28000",
    "connect, 28P01",
    "insert into step_run, 25006",
    // an I/O error, a column that is not there, memory, and the pooler's own words
    "insert into step_run, 58030",
    "insert into step_run, 42703",
    "insert into step_run, 53200",
    "insert into step_run, XX000",
    "insert into step_run, 0A000",
    // the pool has no connection
    "connect, "
  })
  void trouble_that_is_not_of_a_row_makes_records_wait(String where, String state)
      throws Exception {
    Claim claim = claim();
    JournalEntry record = entry(claim, step("0", StepStatus.COMPLETED, 1));
    JournalEntry end = entry(claim, COMPLETED);
    FailingDatabase failing = new FailingDatabase(database.dataSource());
    failing.refuse(where, state, 5);
    journal(
        database.writer(failing.dataSource()),
        Map.of(),
        journal -> {
          journal.append(record);
          journal.append(end);
          assertThat(outcome(record)).isTrue();
          assertThat(outcome(end)).isTrue();
        });
    assertThat(failing.left()).isZero();
    assertThat(database.status(claim.executionId())).isEqualTo("COMPLETED");
    assertThat(database.steps(claim.executionId())).isEqualTo("0 COMPLETED");
  }

  @Test
  void the_end_of_an_execution_does_not_overtake_its_refused_record() throws Exception {
    Claim claim = claim();
    JournalEntry record = entry(claim, step("\0", StepStatus.COMPLETED, 1));
    JournalEntry end = entry(claim, COMPLETED);
    FailingDatabase failing = new FailingDatabase(database.dataSource());
    // the record's own fault, and trouble with the fence that follows it
    failing.refuse("interval '1 second'", "58030", 3);
    running.takeSlot(claim.workspaceId());
    Lease lease = EngineDatabase.lease(claim);
    running.add(lease);
    journal(
        database.writer(failing.dataSource()),
        Map.of(),
        journal -> {
          journal.append(record);
          assertThatThrownBy(() -> outcome(record)).isInstanceOf(ExecutionException.class);
          assertThat(lease.ended()).isTrue();
          journal.append(end);
          assertThatThrownBy(() -> outcome(end)).isInstanceOf(ExecutionException.class);
          await().atMost(SOON).until(() -> failing.left() == 0);
          await().atMost(SOON).until(() -> queue.stillHeld(List.of(lease)).isEmpty());
        });
    assertThat(database.status(claim.executionId())).isEqualTo("RUNNING");
  }

  @Test
  void an_execution_does_not_end_while_a_step_of_it_is_running() throws Exception {
    Claim claim = claim();
    database.write(entry(claim, step("0", StepStatus.RUNNING, 1)));
    JournalEntry end = entry(claim, COMPLETED);
    Claim other = claim();
    JournalEntry good = entry(other, COMPLETED, step("0", StepStatus.COMPLETED, 1));
    journal(
        writer,
        Map.of(),
        journal -> {
          journal.append(end);
          journal.append(good);
          assertThatThrownBy(() -> outcome(end)).isInstanceOf(ExecutionException.class);
          assertThat(outcome(good)).isTrue();
        });
    assertThat(database.status(claim.executionId())).isEqualTo("RUNNING");
    assertThat(queue.stillHeld(List.of(EngineDatabase.lease(claim)))).isEmpty();
    assertThat(database.status(other.executionId())).isEqualTo("COMPLETED");
  }

  @Test
  void a_row_that_a_stranger_has_locked_holds_up_no_other_execution() throws Exception {
    Claim locked = claim();
    JournalEntry waits = entry(locked, step("0", StepStatus.COMPLETED, 1));
    try (Connection stranger = database.connect()) {
      stranger.setAutoCommit(false);
      EngineDatabase.lock(stranger, locked.executionId());
      journal(
          writer,
          Map.of(),
          journal -> {
            journal.append(waits);
            assertGoesOn(journal);
            // and what comes later of the locked one stays behind what waits
            JournalEntry end = entry(locked, COMPLETED);
            journal.append(end);
            assertGoesOn(journal);
            assertThat(waits.written()).isNotDone();
            assertThat(end.written()).isNotDone();
            stranger.rollback();
            assertThat(outcome(waits)).isTrue();
            assertThat(outcome(end)).isTrue();
          });
    }
    assertThat(database.status(locked.executionId())).isEqualTo("COMPLETED");
    assertThat(database.steps(locked.executionId())).isEqualTo("0 COMPLETED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1 from execution where id = ? for update",
        "select 1 from step_run where execution_id = ? for update"
      })
  void a_lock_that_a_later_statement_meets_holds_up_no_other_execution(String lock)
      throws Exception {
    Claim locked = claim();
    database.write(entry(locked, step("0", StepStatus.RUNNING, 1)));
    JournalEntry waits = entry(locked, COMPLETED, step("0", StepStatus.COMPLETED, 2));
    try (Connection stranger = database.connect();
        PreparedStatement statement = stranger.prepareStatement(lock)) {
      stranger.setAutoCommit(false);
      statement.setObject(1, locked.executionId());
      statement.executeQuery().close();
      journal(
          writer,
          Map.of(),
          journal -> {
            journal.append(waits);
            assertGoesOn(journal);
            assertThat(waits.written()).isNotDone();
            stranger.rollback();
            assertThat(outcome(waits)).isTrue();
          });
    }
    assertThat(database.status(locked.executionId())).isEqualTo("COMPLETED");
  }

  private void assertGoesOn(Journal journal) throws Exception {
    JournalEntry free = entry(claim(), COMPLETED, step("0", StepStatus.COMPLETED, 1));
    journal.append(free);
    assertThat(outcome(free)).isTrue();
  }

  @Test
  void one_transaction_carries_no_more_than_its_bytes() throws Exception {
    List<JournalEntry> entries = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      entries.add(weighing(entry(claim(), step("0", StepStatus.COMPLETED, 1)), 400));
    }
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Journal journal =
        new Journal(
            writer,
            new ExecutionChanges(),
            EngineDatabase.config(Map.of("stepwell.engine.journal-bytes", "1000")),
            new EngineMetrics(registry),
            running);
    entries.forEach(journal::append);
    journal.start(new StartupEvent());
    for (JournalEntry entry : entries) {
      assertThat(outcome(entry)).isTrue();
    }
    journal.stop();
    assertThat(registry.counter("stepwell.journal.commits").count()).isEqualTo(3);
  }

  private static JournalEntry weighing(JournalEntry entry, long bytes) {
    return new JournalEntry(
        entry.executionId(),
        entry.token(),
        entry.workspaceId(),
        entry.steps(),
        entry.effects(),
        entry.ending(),
        entry.progressed(),
        bytes,
        entry.lazy(),
        entry.since(),
        entry.written());
  }
}
