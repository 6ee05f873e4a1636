package io.stepwell.execution;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.Tries;
import io.stepwell.inbox.InboxRows;
import io.stepwell.kernel.Json;
import io.stepwell.workspace.Retention;
import io.stepwell.workspace.RetentionTimes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class StatisticsTest {
  // an execution that ended long ago, which no test can wait for
  private static final String INSERT =
      """
      with changed as (
        insert into execution
          (id, workspace_id, workflow_id, workflow_version, status, trigger_data, user_id,
          created_at, started_at, finished_at, total_steps)
        values (?, ?, ?, 1, ?, '{}', 'user', ?, ?, ?, 0)
        returning *, null as old_status, null::timestamptz as old_finished_at
      )
      %s
      """
          .formatted(ExecutionCounts.NOTE_CHANGED);

  private static TestWorkspace own;
  // one for all rows: to open one takes longer than to insert
  private static Connection connection;

  private final DataSource database = TestDatabase.ofService();
  // notes that cancel each other out
  private static final String BACKLOG =
      """
      insert into execution_stat_change
        (workspace_id, workflow_id, hour, status, bucket, executions, duration_ms)
      select w.workspace_id, w.id, date_trunc('hour', now()), 'COMPLETED', 3, n % 2 * 2 - 1, 0
      from workflow w
      cross join generate_series(1, ?) n
      where w.id = ?
      """;

  private final ExecutionCounts counts = new ExecutionCounts(database, new ExecutionChanges());
  private final RetentionTimes times =
      new RetentionTimes("90d", "never", "never", InstantSource.system());
  private final List<Retention> retentions =
      List.of(
          new ExecutionRetention(
              times,
              new ExecutionRows(InboxRows.all()),
              new DeletedWorkspaces(database, new ExecutionChanges(), new SimpleMeterRegistry())),
          new StatisticsRetention(times));

  @BeforeEach
  void createWorkspace() throws SQLException {
    if (own == null) {
      own = TestWorkspace.create();
      connection = database.getConnection();
    }
  }

  @AfterAll
  static void disconnect() throws SQLException {
    connection.close();
  }

  private static JsonNode statistics(TestWorkflow workflow, String query) {
    return statistics(own, workflow, query);
  }

  private static JsonNode statistics(TestWorkspace workspace, TestWorkflow workflow, String query) {
    return Json.read(
            as(workspace.key("viewer"))
                .get(workflow.path("/executions" + query))
                .then()
                .statusCode(200)
                .extract()
                .asString())
        .path("statistics");
  }

  @Test
  void statistics_are_exact_for_a_known_mix() {
    TestWorkflow workflow =
        TestWorkflow.of(
            own,
            """
            {'type': 'custom_action', 'config': {'fail': '{{ trigger.fail }}'}},
            {'name': 'w', 'type': 'wait', 'config': {'durationMs': '{{ trigger.wait }}'}}\
            """);
    List<Long> durations = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      durations.add(duration(workflow.run("{'fail': 'never', 'wait': 0}")));
    }
    durations.add(duration(workflow.run("{'fail': 'always', 'wait': 0}")));
    TestExecution cancelled = workflow.start("{'fail': 'never', 'wait': 60000}");
    cancelled.awaitStep("w", "RUNNING");
    cancelled.cancel();
    TestExecution running = workflow.start("{'fail': 'never', 'wait': 60000}");
    running.awaitStep("w", "RUNNING");
    JsonNode all = statistics(workflow, "");

    assertThat(all.properties().stream().map(member -> member.getKey()))
        .containsExactly(
            "total",
            "byStatus",
            "successRate",
            "averageDurationMs",
            "p50DurationMs",
            "p95DurationMs");
    assertThat(all.path("total").intValue()).isEqualTo(8);
    assertThat(all.path("byStatus"))
        .isEqualTo(
            Json.read(
                """
                {"PENDING": 0, "RUNNING": 1, "COMPLETED": 5, "FAILED": 1, "CANCELLED": 1}\
                """));
    assertThat(all.path("successRate").decimalValue()).isEqualByComparingTo("83.33");
    double average = durations.stream().mapToLong(d -> d).average().orElseThrow();
    assertThat(all.path("averageDurationMs").longValue()).isEqualTo(Math.round(average));
    Collections.sort(durations);
    assertPercentile(all.path("p50DurationMs"), durations.get(2));
    assertPercentile(all.path("p95DurationMs"), durations.get(5));
    for (String query : List.of("?status=FAILED", "?limit=1", "?label=no:thing", "?userId=no")) {
      assertThat(statistics(workflow, query)).as(query).isEqualTo(all);
    }
    running.cancel();
  }

  private static long duration(JsonNode execution) {
    return execution.at("/timing/durationMs").longValue();
  }

  /** To the millisecond below 128 ms, then within 0.4 %. */
  private static void assertPercentile(JsonNode told, long exact) {
    assertThat(told.doubleValue()).isBetween(exact * 0.996, exact * 1.004);
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 100.0", "0, 1, 0.0", "2, 1, 66.67", "1, 2, 33.33", "1, 6, 14.29"})
  void the_success_rate_has_two_decimals(int completed, int failed, double rate)
      throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    Instant at = Instant.now();
    for (int i = 0; i < completed; i++) {
      ended(workflow, at, "COMPLETED", 10);
    }
    for (int i = 0; i < failed; i++) {
      ended(workflow, at, "FAILED", 10);
    }
    ended(workflow, at, "CANCELLED", 10);
    assertThat(statistics(workflow, "").path("successRate").doubleValue()).isEqualTo(rate);
  }

  @Test
  void only_what_was_cancelled_has_no_rate_and_no_duration() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    ended(workflow, Instant.now(), "CANCELLED", 10);
    JsonNode told = statistics(workflow, "");
    assertThat(told.path("total").intValue()).isEqualTo(1);
    assertThat(told.get("successRate").isNull()).isTrue();
    assertThat(told.get("averageDurationMs").isNull()).isTrue();
    assertThat(told.get("p95DurationMs").isNull()).isTrue();
  }

  @Test
  void percentiles_are_nearest_ranks() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    for (int millis = 1; millis <= 20; millis++) {
      ended(workflow, Instant.now(), "COMPLETED", millis);
    }
    JsonNode told = statistics(workflow, "");
    assertThat(told.path("p50DurationMs").longValue()).isEqualTo(10);
    assertThat(told.path("p95DurationMs").longValue()).isEqualTo(19);
    assertThat(told.path("averageDurationMs").longValue()).isEqualTo(11);
  }

  /**
   * From and to are in minutes after midnight, {@link #OPEN} where there is none.
   *
   * @param count how many executions were created in it
   */
  private record Range(int from, int to, int count) {
    static final int OPEN = Integer.MIN_VALUE;

    String query(Instant midnight) {
      return "?limit=1"
          + (from == OPEN ? "" : "&from=" + midnight.plus(Duration.ofMinutes(from)))
          + (to == OPEN ? "" : "&to=" + midnight.plus(Duration.ofMinutes(to)));
    }
  }

  /** The counts know whole hours and days; the edges of a range are counted one by one. */
  @Test
  void a_range_counts_what_was_created_in_it() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(2));
    for (int minute : new int[] {0, 60, 180, 239, 299}) {
      ended(workflow, midnight.plus(Duration.ofMinutes(minute)), "COMPLETED", 5);
    }
    // 120 is where another workflow's lies
    ended(TestWorkflow.of(own, ""), midnight.plus(Duration.ofHours(2)), "COMPLETED", 5);
    assertCounted(
        workflow,
        midnight,
        new Range(Range.OPEN, Range.OPEN, 5),
        new Range(0, 300, 5),
        new Range(0, 299, 4),
        new Range(1, 300, 4),
        new Range(60, 180, 1),
        new Range(60, 240, 3),
        new Range(59, 181, 2),
        new Range(61, 179, 0),
        new Range(61, 181, 1),
        new Range(60, 61, 1),
        new Range(200, 210, 0),
        new Range(Range.OPEN, 120, 2),
        new Range(120, Range.OPEN, 3),
        new Range(121, Range.OPEN, 3),
        new Range(Range.OPEN, 299, 4),
        new Range(300, 300, 0));
  }

  @Test
  void a_range_of_days_counts_what_was_created_in_it() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(9));
    for (int minute : new int[] {0, 1439, 1440, 3600, 4320, 4410}) {
      ended(workflow, midnight.plus(Duration.ofMinutes(minute)), "COMPLETED", 5);
    }
    assertCounted(
        workflow,
        midnight,
        new Range(0, 5760, 6),
        new Range(1, 5760, 5),
        new Range(0, 4320, 4),
        new Range(1380, 4380, 4),
        new Range(1439, 4410, 4),
        new Range(1440, 4320, 2),
        new Range(1441, 4319, 1),
        new Range(60, 4411, 5),
        new Range(1500, 3000, 0),
        new Range(Range.OPEN, 4320, 4),
        new Range(1440, Range.OPEN, 4));
  }

  /** Of a day of long ago the hours are not known, and of last month's hours no executions. */
  @Test
  void where_nothing_else_is_kept_a_range_takes_whole_hours_or_days() throws Exception {
    TestWorkspace tidy = TestWorkspace.create();
    as(ADMIN_KEY).body("{\"retentionDays\": 10}").patch(tidy.path("")).then().statusCode(200);
    TestWorkflow workflow = TestWorkflow.of(tidy, "");
    Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS);
    for (int minute : new int[] {-57600, -57000, -56000, -28777}) {
      ended(tidy, workflow, midnight.plus(Duration.ofMinutes(minute)), "COMPLETED", 5);
    }
    counts.addUp();
    letGo(tidy);

    for (Range range :
        List.of(
            // forty days ago: whole days
            new Range(-57600, -57599, 2),
            new Range(-57000, -56900, 2),
            new Range(-57600, -56160, 2),
            new Range(-57600, -56159, 3),
            new Range(-56160, -56150, 1),
            new Range(-56100, Range.OPEN, 2),
            // twenty days ago, where this workspace keeps nothing: whole hours
            new Range(-28800, -28799, 1),
            new Range(-28741, -28740, 1),
            new Range(-28740, Range.OPEN, 0),
            new Range(-57000, -28790, 4))) {
      assertThat(statistics(tidy, workflow, range.query(midnight)).path("total").intValue())
          .as("%s", range)
          .isEqualTo(range.count());
    }
  }

  /** Before the counts know of it, and after. */
  private void assertCounted(TestWorkflow workflow, Instant midnight, Range... ranges)
      throws SQLException {
    assertCounted("not added up", workflow, midnight, ranges);
    counts.addUp();
    assertCounted("once added up", workflow, midnight, ranges);
  }

  private static void assertCounted(
      String when, TestWorkflow workflow, Instant midnight, Range... ranges) {
    for (Range range : ranges) {
      JsonNode told = statistics(workflow, range.query(midnight));

      assertThat(told.path("total").intValue()).as("%s, %s", range, when).isEqualTo(range.count());
      assertThat(told.at("/byStatus/COMPLETED").intValue()).isEqualTo(range.count());
      assertThat(told.path("p50DurationMs").asInt()).isEqualTo(range.count() == 0 ? 0 : 5);
    }
  }

  @Test
  void statistics_are_exact_while_they_are_added_up() throws Exception {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Integer> addedUp =
        CompletableFuture.supplyAsync(() -> {
          int changed = 0;
          while (!done.get()) {
            try {
              changed += counts.addUp();
            } catch (SQLException e) {
              throw new AssertionError(e);
            }
          }
          return changed;
        });
    try {
      for (int i = 1; i <= Tries.of(60, 200); i++) {
        ended(workflow, Instant.now(), "COMPLETED", 5);
        assertThat(statistics(workflow, "").path("total").intValue()).isEqualTo(i);
      }
    } finally {
      done.set(true);
    }
    assertThat(addedUp.get(20, TimeUnit.SECONDS)).as("added up meanwhile").isPositive();
  }

  @Test
  void a_backlog_of_notes_is_added_up_in_batches() throws Exception {
    TestWorkflow workflow = TestWorkflow.of(own, "");
    ended(workflow, Instant.now(), "COMPLETED", 5);
    JsonNode told = statistics(workflow, "");
    try (Connection connection = database.getConnection();
        PreparedStatement backlog = connection.prepareStatement(BACKLOG)) {
      // the service adds up, too: in its way it would need as many turns
      backlog.setInt(1, ExecutionCounts.BATCH * 3);
      backlog.setObject(2, UUID.fromString(workflow.id()));
      backlog.executeUpdate();
    }

    assertThat(counts.addUp()).isLessThanOrEqualTo(ExecutionCounts.BATCH);
    await().atMost(Duration.ofSeconds(20)).until(() -> counts.addUp() == 0);
    assertThat(statistics(workflow, "")).isEqualTo(told);
  }

  @Test
  void what_runs_is_counted_in_its_range_too() {
    TestWorkflow workflow =
        TestWorkflow.of(own, "{'name': 'w', 'type': 'wait', 'config': {'durationMs': 60000}}");
    TestExecution running = workflow.start();
    String created = running.awaitStep("w", "RUNNING").at("/timing/createdAt").textValue();
    String after = Instant.parse(created).plusMillis(1).toString();

    assertThat(statistics(workflow, "?from=" + created).at("/byStatus/RUNNING").intValue())
        .isEqualTo(1);
    assertThat(statistics(workflow, "?from=" + after).path("total").intValue()).isZero();
    assertThat(statistics(workflow, "?to=" + created).path("total").intValue()).isZero();
    assertThat(statistics(workflow, "?to=" + after).path("total").intValue()).isEqualTo(1);
    running.cancel();
  }

  /** Deletes what is old in a workspace, as the look after old rows does. */
  private void letGo(TestWorkspace workspace) throws SQLException {
    for (Retention retention : retentions) {
      Retention.Sweep sweep = retention.of(new Retention.Subject(workspace.id(), false, 10));
      try (Connection connection = database.getConnection()) {
        boolean more = true;
        while (more) {
          more = sweep.batch(connection);
        }
      }
    }
  }

  private void ended(TestWorkflow workflow, Instant created, String status, int millis)
      throws SQLException {
    ended(own, workflow, created, status, millis);
  }

  /** Stores an execution that ended, and notes it for the counts. */
  private void ended(
      TestWorkspace workspace, TestWorkflow workflow, Instant created, String status, int millis)
      throws SQLException {
    Instant at = created.truncatedTo(ChronoUnit.MILLIS);
    UUID id =
        new UUID(
            at.toEpochMilli() << 16 | 0x7000 | ThreadLocalRandom.current().nextInt(0x1000),
            Long.MIN_VALUE | ThreadLocalRandom.current().nextLong() >>> 2);
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setObject(1, id);
      insert.setObject(2, workspace.id());
      insert.setObject(3, UUID.fromString(workflow.id()));
      insert.setString(4, status);
      insert.setTimestamp(5, Timestamp.from(at));
      insert.setTimestamp(6, Timestamp.from(at));
      insert.setTimestamp(7, Timestamp.from(at.plusMillis(millis)));
      insert.executeUpdate();
    }
  }
}
