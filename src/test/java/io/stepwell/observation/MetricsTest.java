package io.stepwell.observation;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What a replica counts is what happens. */
@QuarkusTest
class MetricsTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(stepwell_[a-z_]+)` \\| (.*?) ?\\|");
  private static final Pattern CODE = Pattern.compile("`([a-z]+)`");

  private final DataSource database = TestDatabase.ofService();

  @Test
  void executions_attempts_claims_commits_and_calls_are_counted() {
    TestWorkspace workspace = TestWorkspace.create();
    Scrape before = Scrape.now();
    try (StubServer server = StubServer.answering(request -> Answer.status(503))) {
      TestWorkflow.of(
              workspace,
              """
              {'name': 'pause', 'type': 'wait', 'config': {'durationMs': 1}},
              {'name': 'decide', 'type': 'condition', 'config': {'expression': 'true'}},
              {'name': 'call', 'type': 'call_api', 'config': {'url': '%s'}}
              """
                  .formatted(server.url()))
          .run();
    }
    TestWorkflow.of(
            workspace, "{'name': 'pause', 'type': 'wait', 'config': {'durationMs': 3600000}}")
        .start()
        .cancel();
    Scrape after = Scrape.now();

    assertThat(grown(before, after, "stepwell_executions_accepted_total")).isEqualTo(2);
    assertThat(grown(before, after, "stepwell_executions_finished_total", "status=\"FAILED\""))
        .isEqualTo(1);
    assertThat(grown(before, after, "stepwell_executions_finished_total", "status=\"CANCELLED\""))
        .isEqualTo(1);
    assertThat(attempts(before, after, "condition", "success")).isEqualTo(1);
    assertThat(attempts(before, after, "wait", "wait")).isPositive();
    assertThat(attempts(before, after, "call_api", "failure")).isEqualTo(1);
    assertThat(grown(before, after, "stepwell_outbound_calls_seconds_count", "outcome=\"5xx\""))
        .isEqualTo(1);
    assertThat(grown(before, after, "stepwell_claim_latency_seconds_count")).isPositive();
    assertThat(grown(before, after, "stepwell_claim_batch_count")).isPositive();
    assertThat(grown(before, after, "stepwell_journal_commit_duration_seconds_count"))
        .isEqualTo(grown(before, after, "stepwell_journal_commits_total"))
        .isPositive();
    assertThat(grown(before, after, "stepwell_journal_entries_total"))
        .isGreaterThanOrEqualTo(grown(before, after, "stepwell_journal_executions_total"))
        .isPositive();
  }

  private static double attempts(Scrape before, Scrape after, String type, String outcome) {
    return grown(
        before,
        after,
        "stepwell_attempt_duration_seconds_count",
        "type=\"" + type + "\"",
        "outcome=\"" + outcome + "\"");
  }

  private static double grown(Scrape before, Scrape after, String name, String... labels) {
    return after.value(name, labels) - before.value(name, labels);
  }

  @Test
  void an_unknown_path_makes_no_label() {
    as(TestWorkspace.ADMIN_KEY).get("/api/workspaces/none/canary-of-a-path").then().statusCode(404);

    assertThat(Scrape.now().text()).doesNotContain("canary-of-a-path");
  }

  @Test
  void the_manual_names_every_metric_with_its_labels_and_no_other() throws IOException {
    Set<String> names = new TreeSet<>();
    Set<String> labels = new TreeSet<>(Set.of("le"));
    Matcher rows = ROW.matcher(Files.readString(Path.of("docs/operations.md")));
    while (rows.find()) {
      names.add(rows.group(1));
      CODE.matcher(rows.group(2)).results().forEach(label -> labels.add(label.group(1)));
    }

    Scrape scrape = Scrape.now();
    assertThat(scrape.names()).isEqualTo(names);
    assertThat(scrape.labels()).isEqualTo(labels);
  }

  @Test
  void the_queue_is_looked_at_when_somebody_asks_and_a_stuck_database_holds_nobody_up()
      throws SQLException {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Double.isFinite(Scrape.now().value("stepwell_queue_due")));
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table execution_queue in access exclusive mode");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Double.isNaN(Scrape.now().value("stepwell_queue_due")));
      connection.rollback();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Scrape.now().value("stepwell_queue_lag_seconds") >= 0);
  }
}
