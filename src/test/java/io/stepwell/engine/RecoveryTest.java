package io.stepwell.engine;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a replica does with executions that another one left behind, made by hand. */
@QuarkusTest
class RecoveryTest {
  private static final String ACTION =
      "{'name': '%s', 'type': 'custom_action', 'config': {'fail': 'never'}}";

  /** As a replica leaves an execution that dies within its last step. */
  private static final String LEAVE =
      """
      with left_running as (
        update execution
        set status = 'RUNNING', finished_at = null, change = 0, successful_steps = 0,
          failed_steps = 0
        where id = ?
        returning workspace_id, id)
      insert into execution_queue (workspace_id, execution_id, due_at, lease_token, claims)
      select workspace_id, id, now(), gen_random_uuid(), 1 from left_running
      """;

  private static final String FORGET = "delete from step_run where execution_id = ? and index = 2";

  private static final String FORGET_LAST =
      "update step_run set status = 'RUNNING', attempts = 0, output = null, finished_at = null"
          + " where execution_id = ? and index = 2";

  private static final String CUT_SHORT =
      """
      update step_run
      set status = 'RUNNING', output = null, finished_at = null
      where execution_id = ? and index = 2
      """;

  private static TestWorkspace own;

  private final DataSource database = TestDatabase.ofService();

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private static String three(String last) {
    return ACTION.formatted("a") + "," + ACTION.formatted("b") + "," + last;
  }

  private void execute(String sql, TestExecution execution) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, UUID.fromString(execution.id()));
      statement.executeUpdate();
    }
  }

  private static TestExecution of(JsonNode execution) {
    return new TestExecution(own, execution.path("id").textValue());
  }

  @Test
  void an_execution_of_a_dead_replica_goes_on_behind_its_last_durable_step() throws SQLException {
    JsonNode before = TestWorkflow.of(own, three(ACTION.formatted("c"))).run();
    TestExecution execution = of(before);
    execute(FORGET, execution);
    execute(LEAVE, execution);
    JsonNode after = execution.awaitEnd();

    assertThat(statuses(after).values()).containsExactly("COMPLETED", "COMPLETED", "COMPLETED");
    assertThat(step(after, "a")).isEqualTo(step(before, "a"));
    assertThat(step(after, "b")).isEqualTo(step(before, "b"));
    assertThat(step(after, "c").path("startedAt").textValue())
        .isGreaterThan(step(before, "c").path("startedAt").textValue());
    assertThat(output(after, "c").path("previousSteps").intValue()).isEqualTo(2);
    assertThat(after.at("/timing/startedAt")).isEqualTo(before.at("/timing/startedAt"));
  }

  @Test
  void a_stream_tells_what_another_replica_did_behind_what_was_seen() throws SQLException {
    TestExecution execution = of(TestWorkflow.of(own, three(ACTION.formatted("c"))).run());
    execute(FORGET, execution);
    int seen = lastChange(execution);
    execute(LEAVE, execution);
    execution.awaitEnd();
    String stream =
        as(own.key("viewer"))
            .accept("text/event-stream")
            .header("Last-Event-ID", seen + ".1")
            .get(execution.path("/stream"))
            .asString();
    assertThat(stream).contains("\"name\":\"c\"").doesNotContain("\"name\":\"b\"");
  }

  private int lastChange(TestExecution execution) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select max(change) from step_run where execution_id = ?")) {
      statement.setObject(1, UUID.fromString(execution.id()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  @Test
  void an_attempt_that_was_cut_short_is_counted_and_made_again_with_the_same_key()
      throws SQLException {
    try (StubServer stub = StubServer.answering(request -> Answer.json("{'ok': true}"))) {
      TestExecution execution =
          of(
              TestWorkflow.of(
                      own,
                      three(
                          "{'name': 'c', 'type': 'call_api', 'config': {'url': '%s'}}"
                              .formatted(stub.url())))
                  .run());
      execute(CUT_SHORT, execution);
      execute(LEAVE, execution);
      JsonNode after = execution.awaitEnd();

      assertThat(after.path("status").textValue()).isEqualTo("COMPLETED");
      assertThat(step(after, "c").path("attempts").intValue()).isEqualTo(2);
      assertThat(stub.requests())
          .hasSize(2)
          .allSatisfy(request ->
              assertThat(request.headers())
                  .containsEntry("idempotency-key", execution.id() + ":c"));
    }
  }

  @Test
  void what_was_claimed_too_often_without_progress_is_failed() throws SQLException {
    JsonNode before = TestWorkflow.of(own, three(ACTION.formatted("c"))).run();
    TestExecution execution = of(before);
    execute(FORGET, execution);
    execute(LEAVE.replace("gen_random_uuid(), 1", "gen_random_uuid(), 10"), execution);
    JsonNode after = execution.awaitEnd();

    assertThat(after.path("status").textValue()).isEqualTo("FAILED");
    assertThat(after.at("/error/code").textValue()).isEqualTo("poisoned");
    assertThat(after.at("/error/step").textValue()).isEqualTo("c");
    assertThat(after.at("/error/attempts").isIntegralNumber()).isTrue();
    assertThat(statuses(after).values()).containsExactly("COMPLETED", "COMPLETED", "FAILED");
    assertThat(Instant.parse(step(after, "c").path("startedAt").textValue()))
        .isAfter(Instant.parse(before.at("/timing/startedAt").textValue()));
    execution.post("/retry").then().statusCode(202);
    assertThat(execution.awaitEnd().path("status").textValue()).isEqualTo("COMPLETED");
  }

  @Test
  void a_lease_that_is_lost_ends_the_work_here() throws SQLException {
    try (StubServer silent = StubServer.silent()) {
      TestExecution execution =
          TestWorkflow.of(
                  own,
                  "{'name': 'c', 'type': 'call_api', 'config': {'url': '%s'}}"
                      .formatted(silent.url()))
              .start();
      await().atMost(Duration.ofSeconds(10)).until(() -> silent.requests().size() == 1);
      execute(
          "update execution_queue set lease_token = gen_random_uuid(),"
              + " due_at = now() + interval '1 hour' where execution_id = ?",
          execution);
      await().atMost(Duration.ofSeconds(10)).until(() -> silent.hungUp() == 1);
      assertThat(execution.get().path("status").textValue()).isEqualTo("RUNNING");

      execute("update execution_queue set due_at = now() where execution_id = ?", execution);
      await().atMost(Duration.ofSeconds(10)).until(() -> silent.requests().size() == 2);
      execution.cancel().then().statusCode(200);
      await().atMost(Duration.ofSeconds(10)).until(() -> silent.hungUp() == 2);
    }
  }

  /** The row is what is durable before the first attempt; the rest is lost with the replica. */
  @Test
  void an_attempt_that_was_cut_short_is_made_again_with_the_same_body() throws SQLException {
    try (StubServer stub = StubServer.answering(request -> Answer.json("{'ok': true}"))) {
      TestExecution execution =
          of(
              TestWorkflow.of(
                      own,
                      three(
                          """
                          {'name': 'c', 'type': 'call_api', 'config': {'url': '%s', 'method': 'POST',
                           'body': {'at': '{{ $now() }}', 'ms': '{{ $millis() }}',
                             'id': '{{ $random() }}', 'order': '{{ $shuffle([1..9]) }}'}}}\
                          """
                              .formatted(stub.url())))
                  .run());
      execute(FORGET_LAST, execution);
      execute(LEAVE, execution);
      execution.awaitEnd();

      assertThat(stub.requests()).hasSize(2);
      assertThat(stub.requests().getLast().body()).isEqualTo(stub.requests().getFirst().body());
      assertThat(stub.requests().getFirst().body()).contains("\"at\":\"20");
    }
  }

  @Test
  void the_time_that_a_call_tells_is_durable_before_it_is_made() throws Exception {
    LinkedBlockingQueue<String> starts = new LinkedBlockingQueue<>();
    try (StubServer stub =
        StubServer.answering(request -> {
          starts.add(startOf(request.headers().get("idempotency-key").replace(":c", "")));
          return Answer.json("{'ok': true}");
        })) {
      String call =
          "{'name': 'c', 'type': 'call_api', 'config': {'url': '%s', 'method': 'POST', 'body': {'t': '{{ $millis() }}'}}}"
              .formatted(stub.url());
      TestWorkflow.of(own, three(call)).run();

      assertThat(stub.requests().getFirst().body()).isEqualTo("{\"t\":" + starts.take() + "}");
    }
  }

  /** What another replica would find while the call goes on. */
  private String startOf(String id) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select floor(extract(epoch from started_at) * 1000)::bigint from step_run"
                    + " where execution_id = ? and index = 2")) {
      statement.setObject(1, UUID.fromString(id));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : "no row";
      }
    } catch (SQLException e) {
      return e.getMessage();
    }
  }
}
