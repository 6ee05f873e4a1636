package io.stepwell.engine;

import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trouble that is not that of an execution costs it time and nothing else. */
@QuarkusTest
@TestProfile(DrivenByHand.class)
class TroubleTest {
  private static final String NOTHING =
      "{'name': 'a', 'type': 'throwing', 'config': {'throws': 'nothing'}},";

  /** What can be seen of an execution that nobody has. */
  private static final String HELD =
      """
      select claims, lease_token is null as free, extract(epoch from due_at - now()) as seconds
      from execution_queue
      where execution_id = ?
      """;

  private static TestWorkspace own;

  @Inject
  @Named("engine")
  DataSource database;

  @Inject LeaseRows leases;
  @Inject ExecutionRunner runner;
  @Inject DatabaseClock clock;
  @Inject EngineConfig config;

  private DatabaseTime time;
  private TestReplica queue;

  @BeforeEach
  void layOthersToRest() throws SQLException {
    Rows.layToRest(database);
    time = new DatabaseTime(database);
    clock.correct(time.set(0));
    queue = new TestReplica(database, Workers.SETTINGS, clock);
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  private void execute(String sql, Object... parameters) throws SQLException {
    try (Connection connection = database.getConnection()) {
      EngineDatabase.execute(connection, sql, parameters);
    }
  }

  /** Runs what is due, which is one execution, as far as it goes. */
  private void run() throws SQLException {
    var claims = queue.claim(10).claims();
    assertThat(claims).hasSize(1);
    runner.run(claims.getFirst(), EngineDatabase.lease(claims.getFirst()));
  }

  private void runWhile(String away, String back) throws SQLException {
    execute(away);
    try {
      run();
    } finally {
      execute(back);
    }
  }

  private void assertGivenBack(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(HELD)) {
      statement.setObject(1, UUID.fromString(id));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertThat(row.getBoolean("free")).isTrue();
        assertThat(row.getInt("claims")).isZero();
        assertThat(row.getDouble("seconds")).isBetween(0.2, 40.0);
      }
    }
  }

  private void makeDue(String id) throws SQLException {
    execute(
        "update execution_queue set due_at = now() where execution_id = ?", UUID.fromString(id));
  }

  @Test
  void a_secret_that_cannot_be_looked_up_now_costs_the_execution_nothing() throws SQLException {
    as(own.key("admin"))
        .body(Map.of("value", "s3cr3t"))
        .put(own.path("/secrets/TOKEN"))
        .then()
        .statusCode(201);
    TestExecution execution =
        TestWorkflow.of(
                own,
                NOTHING
                    + """
                    {'name': 'b', 'type': 'throwing',
                     'config': {'throws': 'nothing'}, 'when': 'secrets.TOKEN & "" != "x"'}\
                    """
                        .replace("\"\"", "\\\"\\\"")
                        .replace("\"x\"", "\\\"x\\\""))
            .start();
    runWhile(
        "alter table secret rename to secret_away", "alter table secret_away rename to secret");

    assertGivenBack(execution.id());
    assertThat(statuses(execution.get()))
        .containsEntry("a", "COMPLETED")
        .doesNotContainEntry("b", "FAILED");
    makeDue(execution.id());
    run();
    assertThat(execution.get().path("status").textValue()).isEqualTo("COMPLETED");
  }

  @Test
  void a_version_that_cannot_be_read_now_costs_the_execution_nothing() throws SQLException {
    TestWorkflow workflow = TestWorkflow.of(own, NOTHING.replace("},", "}"));
    UUID id = UUID.randomUUID();
    execute(
        "insert into execution (id, workspace_id, workflow_id, workflow_version, status,"
            + " trigger_data, user_id, created_at, total_steps)"
            + " values (?, ?, ?, 1, 'PENDING', '{}', 'user', now(), 1)",
        id,
        own.id(),
        UUID.fromString(workflow.id()));
    execute(
        "insert into execution_queue (workspace_id, execution_id, due_at) values (?, ?, now())",
        own.id(),
        id);
    runWhile(
        "alter table workflow_version rename to workflow_version_away",
        "alter table workflow_version_away rename to workflow_version");

    assertGivenBack(id.toString());
    makeDue(id.toString());
    run();
    assertThat(new TestExecution(own, id.toString()).get().path("status").textValue())
        .isEqualTo("COMPLETED");
  }

  @Test
  void giving_back_is_tried_until_it_holds() throws SQLException {
    TestExecution execution = TestWorkflow.of(own, NOTHING.replace("},", "}")).start();
    Claim claim = queue.claim(10).claims().getFirst();
    AtomicInteger refused = new AtomicInteger();
    DataSource flaky =
        (DataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                  if (refused.incrementAndGet() <= 2) {
                    throw new SQLException("Acquisition timeout while waiting for new connection");
                  }
                  try {
                    return method.invoke(database, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    LeaseRows unreliable =
        new LeaseRows(flaky, config, new EngineMetrics(new SimpleMeterRegistry()));
    new GivingBack(unreliable, config)
        .giveBack(EngineDatabase.lease(claim), new SQLException("no connection"));

    assertThat(refused).hasValue(3);
    assertGivenBack(execution.id());
  }

  @Test
  void a_lease_that_has_ended_is_not_given_back() throws SQLException {
    TestWorkflow.of(own, NOTHING.replace("},", "}")).start();
    Claim claim = queue.claim(10).claims().getFirst();
    Lease lease = EngineDatabase.lease(claim);
    lease.end();
    new GivingBack(leases, config).giveBack(lease, new SQLException("no connection"));

    assertThat(leases.stillHeld(List.of(lease))).containsExactly(claim.executionId());
  }

  @ParameterizedTest
  @CsvSource({
    "linkage, a/missing",
    "assertion, wrong",
    "stack, StackOverflowError",
    "checked, ",
    "own timeout, ",
    "other, nothing to throw",
    "in its template, a/template",
  })
  void whatever_a_handler_throws_is_a_failure_of_its_step(String thrown, String message)
      throws SQLException {
    TestExecution execution =
        TestWorkflow.of(
                own,
                """
                {'name': 'a', 'type': 'throwing', 'onError': 'continue',
                 'config': {'throws': '%s'}},
                {'name': 'b', 'type': 'throwing', 'config': {'throws': 'nothing'}}\
                """
                    .formatted(thrown))
            .start();
    run();
    JsonNode after = execution.get();

    assertThat(after.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(after)).containsEntry("a", "FAILED").containsEntry("b", "COMPLETED");
    assertThat(step(after, "a").at("/error/code").textValue()).isEqualTo("action_error");
    assertThat(step(after, "a").at("/error/message").textValue())
        .contains(message == null ? "" : message);
  }

  @Test
  void an_error_of_a_handler_is_tried_again_where_its_step_says_so() throws SQLException {
    TestExecution execution =
        TestWorkflow.of(
                own,
                """
                {'name': 'a', 'type': 'throwing', 'config': {'throws': 'linkage'},
                 'onError': 'retry', 'retry': {'maxRetries': 2, 'delayMs': 1, 'factor': 1}}\
                """)
            .start();
    run();

    assertThat(step(execution.get(), "a").path("attempts").intValue()).isEqualTo(3);
    assertThat(execution.get().path("status").textValue()).isEqualTo("FAILED");
  }

  @ParameterizedTest
  @CsvSource({"stop", "retry"})
  void an_error_of_the_virtual_machine_is_nobodys_failure(String onError) throws SQLException {
    TestExecution execution =
        TestWorkflow.of(
                own,
                """
                {'name': 'a', 'type': 'throwing', 'config': {'throws': 'virtual machine'},
                 'onError': '%s', 'timeout': 20000}\
                """
                    .formatted(onError))
            .start();

    // on a thread that ends: an error leaves the guard's timer, which interrupts its thread later
    FutureTask<Void> running =
        new FutureTask<>(() -> {
          run();
          return null;
        });
    Thread.ofPlatform().start(running);

    assertThatThrownBy(running::get)
        .cause()
        .isInstanceOf(InternalError.class)
        .hasMessage("the machine");
    assertThat(execution.get().path("status").textValue()).isEqualTo("RUNNING");
  }

  /** A workflow as another release has saved it. */
  private TestExecution startForeign(String from, String to) throws SQLException {
    TestWorkflow workflow =
        TestWorkflow.of(
            own,
            """
            {'name': 'a', 'type': 'throwing', 'config': {'throws': 'nothing'}, 'timeout': 7777},
            {'name': 'b', 'type': 'throwing', 'config': {'throws': 'nothing'}}\
            """);
    execute(
        "update workflow_version set definition = replace(definition::text, ?, ?)::json"
            + " where workflow_id = ?",
        from,
        to,
        UUID.fromString(workflow.id()));
    return workflow.start();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"timeout\":7777|\"timeout\":7777,\"priority\":9|unsupported_definition",
        "\"timeout\":7777|\"onError\":\"compensate\"|unsupported_definition",
        "\"enabled\":true|\"enabled\":true,\"onFailure\":[]|unsupported_definition",
        "\"name\":\"a\",\"type\":\"throwing\"|\"name\":\"a\",\"type\":\"not_here\"|unknown_action_type",
      })
  void what_this_release_does_not_know_waits_for_another_replica(
      String from, String to, String code) throws SQLException {
    TestExecution execution = startForeign(from, to);
    run();

    assertGivenBack(execution.id());
    JsonNode waiting = step(execution.get(), "a");
    assertThat(waiting.path("status").textValue()).isEqualTo("RUNNING");
    assertThat(waiting.at("/error/code").textValue()).isEqualTo(code);
    assertThat(waiting.at("/error/since").textValue()).isNotBlank();

    clock.correct(time.set(9));
    run();
    assertThat(execution.get().path("status").textValue()).isEqualTo("RUNNING");
    assertThat(step(execution.get(), "a").at("/error/since")).isEqualTo(waiting.at("/error/since"));

    clock.correct(time.set(11));
    run();
    JsonNode after = execution.get();
    assertThat(after.path("status").textValue()).isEqualTo("FAILED");
    assertThat(after.at("/error/code").textValue()).isEqualTo(code);
    assertThat(after.at("/error/step").textValue()).isEqualTo("a");
  }

  @Test
  void a_replica_that_knows_the_action_runs_what_another_one_could_not() throws SQLException {
    TestExecution execution = TestWorkflow.of(own, NOTHING.replace("},", "}")).start();
    execute(
        "insert into step_run (execution_id, path, workspace_id, index, status, attempts, change,"
            + " error, started_at, pause, resume_at)"
            + " values (?, '0', ?, 0, 'RUNNING', 0, 1, '{\"code\": \"unknown_action_type\","
            + " \"message\": \"none\", \"since\": \"2026-11-22T12:00:00Z\"}', now(), 'BACKOFF',"
            + " now())",
        UUID.fromString(execution.id()),
        own.id());
    execute(
        "update execution set status = 'RUNNING', started_at = now() - interval '1 minute'"
            + " where id = ?",
        UUID.fromString(execution.id()));
    run();
    JsonNode after = execution.get();

    assertThat(after.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(after, "a").path("attempts").intValue()).isEqualTo(1);
    assertThat(step(after, "a").get("error").isNull()).isTrue();
  }
}
