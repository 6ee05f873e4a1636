package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static io.stepwell.durability.Replicas.execute;
import static io.stepwell.durability.Replicas.executionPath;
import static io.stepwell.durability.Replicas.outcome;
import static io.stepwell.durability.Replicas.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The release before this one runs on this one's schema, alone and together with this one. */
@Tag("long")
@EnabledIf(
    value = "io.stepwell.durability.PreviousRelease#isKnown",
    disabledReason = "no git here that has the commit of src/test/resources/previous-release")
class RollingUpgradeIT {
  private static final String TASKS = "/api/workspaces/durable/tasks";
  private static final int EACH = 20;

  @RegisterExtension
  static final Replicas replicas = Replicas.inUpgrade(Map.of("STEPWELL_ENGINE_SLOTS", "8"));

  private final Replica previous = replicas.a();
  private final Replica next = replicas.b();
  private final EffectSink sink = replicas.sink();

  @AfterEach
  void nothing_is_left() {
    eventually("the end of all").until(() -> number("select count(*) from execution_queue") == 0);
    assertThat(number("select count(*) from execution where finished_at is null")).isZero();
    assertThat(number("select count(*) from step_run where status = 'RUNNING'")).isZero();
  }

  @Test
  void both_do_all_that_an_execution_can_ask_for_whichever_of_them_was_asked() {
    String workflow =
        replicas.workflow(
            replicas.call("first", "/first"),
            Replicas.waiting("pause", Duration.ofSeconds(1)),
            replicas.call("last", "/last"));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      ids.add(execute(previous, workflow));
      ids.add(execute(next, workflow));
    }

    ids.forEach(id -> Replicas.await(next, id, "COMPLETED"));

    assertThat(ids)
        .allSatisfy(id -> {
          assertThat(view(previous, id)).isEqualTo(view(next, id));
          assertThat(sink.calls(id, "first")).hasSize(1);
          assertThat(sink.calls(id, "last")).hasSize(1);
        });
    assertThat(previous.metric("stepwell_journal_entries_total")).isPositive();
    assertThat(next.metric("stepwell_journal_entries_total")).isPositive();
    assertThat(Replicas.count(previous, workflow, "COMPLETED")).isEqualTo(2 * EACH);
    assertThat(Replicas.count(next, workflow, "COMPLETED")).isEqualTo(2 * EACH);
  }

  @Test
  void what_one_runs_the_other_cancels_continues_answers_and_tells_of() {
    change(previous, next, "/by-next");
    change(next, previous, "/by-previous");
  }

  private void change(Replica owner, Replica other, String path) {
    sink.hold(path);
    String cancelled = replicas.executeOn(owner, replicas.workflow(replicas.call("call", path)));
    eventually("the call").until(() -> !sink.callsOf(path).isEmpty());
    EventStream stream = other.stream(executionPath(cancelled) + "/stream");
    other.post(executionPath(cancelled), Json.object()).expect(200);
    eventually("the interrupt").until(() -> sink.callsOf(path).getFirst().abandoned());
    eventually("the end of the stream").until(stream::closed);
    assertThat(stream.named("complete").getFirst().data().path("status").asText())
        .isEqualTo("CANCELLED");
    sink.release(path);

    sink.refuse(path + "-once", 1);
    String failed =
        replicas.executeOn(owner, replicas.workflow(replicas.call("call", path + "-once")));
    Replicas.await(owner, failed, "FAILED");
    other.post(executionPath(failed) + "/retry", Json.object()).expect(202);
    Replicas.await(owner, failed, "COMPLETED");

    String asking = replicas.executeOn(owner, replicas.workflow(asking()));
    eventually("the task").until(() -> task(other, asking).isPresent());
    other
        .patch(TASKS + "/" + task(other, asking).orElseThrow(), Json.object().put("status", "DONE"))
        .expect(200);
    Replicas.await(owner, asking, "COMPLETED");
  }

  private static ObjectNode asking() {
    ObjectNode action = Json.object().put("name", "ask").put("type", "create_task");
    action.putObject("config").put("title", "Approve?").put("waitForCompletion", true);
    return action;
  }

  private static Optional<String> task(Replica replica, String executionId) {
    for (JsonNode task : replica.get(TASKS).expect(200).path("tasks")) {
      if (task.path("executionId").asText().equals(executionId)) {
        return Optional.of(task.path("id").asText());
      }
    }
    return Optional.empty();
  }

  @Test
  void what_one_was_at_when_it_died_the_other_completes() throws IOException {
    // one of the previous release that starts on this one's schema
    Replica old = replicas.startPrevious().awaitReady();
    takeOver(old, previous, next, "/old-died");
    Replica young = replicas.start().awaitReady();
    takeOver(young, next, previous, "/young-died");
  }

  private void takeOver(Replica dying, Replica asleep, Replica other, String path) {
    sink.hold(path);
    String id =
        replicas.executeOn(
            dying,
            replicas.workflow(
                replicas.call("before", path + "-before"),
                replicas.call("cut", path),
                replicas.call("after", path + "-after")));
    eventually("the call").until(() -> outcome(view(other, id), "cut").equals("RUNNING 1"));

    asleep.freeze();
    try {
      dying.kill();
      sink.release(path);
      Replicas.await(other, id, "COMPLETED");
    } finally {
      asleep.thaw();
    }

    JsonNode view = view(other, id);
    assertThat(sink.calls(id, "before")).hasSize(1);
    assertThat(outcome(view, "cut")).isEqualTo("COMPLETED 2");
    assertThat(sink.calls(id, "after")).hasSize(1);
  }

  private static long number(String sql) {
    try (Connection connection = replicas.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }
}
