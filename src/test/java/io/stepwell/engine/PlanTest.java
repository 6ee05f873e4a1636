package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.execution.StepStatus;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.Definition;
import io.stepwell.workflow.OnError;
import io.stepwell.workflow.RetryPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final ConfigTemplate EMPTY = scope -> Json.object();

  private final Map<String, StepResult> results = new HashMap<>();

  private static Action action(String path, OnError onError) {
    return new Action(
        0,
        path,
        "step_" + path.replace('.', '_'),
        "call_api",
        EMPTY,
        onError,
        RetryPolicy.DEFAULT,
        Action.DEFAULT_TIMEOUT,
        null,
        List.of(),
        List.of(),
        false,
        null);
  }

  private static Action action(String path) {
    return action(path, OnError.STOP);
  }

  private static Action condition(
      String path, List<Action> then, List<Action> otherwise, boolean branches) {
    return new Action(
        0,
        path,
        "if_" + path.replace('.', '_'),
        "condition",
        EMPTY,
        OnError.STOP,
        RetryPolicy.DEFAULT,
        Action.DEFAULT_TIMEOUT,
        null,
        then,
        otherwise,
        branches,
        null);
  }

  private void ended(String path, StepStatus status) {
    results.put(path, StepResult.ended(status, 1, Json.object(), null));
  }

  private void decided(String path, boolean result) {
    JsonNode output = Json.object().put("result", result);
    results.put(path, StepResult.ended(StepStatus.COMPLETED, 1, output, null));
  }

  private void paused(String path, Pause pause, Instant resumeAt, JsonNode signal) {
    results.put(
        path,
        new StepResult(
            StepStatus.RUNNING,
            2,
            Json.object().put("kept", true),
            13,
            null,
            NOW,
            pause,
            resumeAt,
            signal));
  }

  private Next next(Action... actions) {
    return Plan.next(new Definition(List.of(actions), null), results, NOW);
  }

  private static List<String> paths(Next next) {
    return ((Next.Skip) next).actions().stream().map(Action::path).toList();
  }

  private static String path(Next next) {
    return ((Next.Run) next).action().path();
  }

  @Test
  void a_workflow_without_actions_is_finished() {
    assertThat(next()).isEqualTo(new Next.Finish(null));
  }

  @Test
  void steps_run_in_order() {
    assertThat(path(next(action("0"), action("1")))).isEqualTo("0");
    ended("0", StepStatus.COMPLETED);
    assertThat(path(next(action("0"), action("1")))).isEqualTo("1");
    ended("1", StepStatus.COMPLETED);
    assertThat(next(action("0"), action("1"))).isEqualTo(new Next.Finish(null));
  }

  @Test
  void a_failed_step_ends_the_execution() {
    Action first = action("0");
    ended("0", StepStatus.FAILED);
    assertThat(next(first, action("1"))).isEqualTo(new Next.Finish(first));
  }

  @Test
  void a_step_that_used_up_its_retries_ends_the_execution() {
    Action first = action("0", OnError.RETRY);
    ended("0", StepStatus.FAILED);
    assertThat(next(first, action("1"))).isEqualTo(new Next.Finish(first));
  }

  @Test
  void a_failed_step_that_continues_is_followed_by_the_next() {
    ended("0", StepStatus.FAILED);
    assertThat(path(next(action("0", OnError.CONTINUE), action("1")))).isEqualTo("1");
  }

  @Test
  void an_attempt_that_was_cut_short_is_made_again_and_counted() {
    results.put("0", new StepResult(StepStatus.RUNNING, 3, null, 0, null, NOW, null, null, null));
    assertThat(((Next.Run) next(action("0"))).attemptsSoFar()).isEqualTo(3);
  }

  @Test
  void a_backoff_sleeps_until_it_is_over_and_then_runs() {
    paused("0", Pause.BACKOFF, NOW.plusMillis(1), null);
    Action work = action("0");
    assertThat(next(work)).isEqualTo(new Next.Sleep(work, NOW.plusMillis(1)));
    paused("0", Pause.BACKOFF, NOW, null);
    assertThat(((Next.Run) next(action("0"))).attemptsSoFar()).isEqualTo(2);
  }

  @Test
  void a_timer_never_fires_early_and_keeps_its_output() {
    Action wait = action("0");
    paused("0", Pause.TIMER, NOW.plusMillis(1), null);
    assertThat(next(wait)).isEqualTo(new Next.Sleep(wait, NOW.plusMillis(1)));
    paused("0", Pause.TIMER, NOW, null);
    assertThat(next(wait)).isEqualTo(new Next.Complete(wait, Json.object().put("kept", true)));
  }

  @Test
  void a_step_waits_for_its_signal() {
    Action task = action("0");
    paused("0", Pause.SIGNAL, null, null);
    assertThat(next(task)).isEqualTo(new Next.AwaitSignal(task));
    paused("0", Pause.SIGNAL, null, Json.read("{\"output\":{\"status\":\"DONE\"}}"));
    assertThat(next(task)).isEqualTo(new Next.Complete(task, Json.read("{\"status\":\"DONE\"}")));
    paused("0", Pause.SIGNAL, null, Json.read("{\"error\":{\"code\":\"task_cancelled\"}}"));
    assertThat(next(task))
        .isEqualTo(new Next.Fail(task, Json.read("{\"code\":\"task_cancelled\"}")));
  }

  @Test
  void a_true_condition_skips_else_and_runs_then() {
    Action branch = condition("0", List.of(action("0.then.0")), List.of(action("0.else.0")), true);
    decided("0", true);
    assertThat(paths(next(branch, action("1")))).containsExactly("0.else.0");
    ended("0.else.0", StepStatus.SKIPPED);
    assertThat(path(next(branch, action("1")))).isEqualTo("0.then.0");
    ended("0.then.0", StepStatus.COMPLETED);
    assertThat(path(next(branch, action("1")))).isEqualTo("1");
  }

  @Test
  void a_branch_that_is_not_taken_is_skipped_with_all_that_is_nested_in_it() {
    Action inner = condition("0.then.0", List.of(action("0.then.0.then.0")), List.of(), true);
    Action branch = condition("0", List.of(inner), List.of(), true);
    decided("0", false);
    assertThat(paths(next(branch))).containsExactly("0.then.0", "0.then.0.then.0");
  }

  @Test
  void a_false_gate_skips_the_rest_and_completes() {
    Action gate = condition("0", List.of(), List.of(), false);
    decided("0", false);
    assertThat(paths(next(gate, action("1"), action("2")))).containsExactly("1", "2");
    ended("1", StepStatus.SKIPPED);
    ended("2", StepStatus.SKIPPED);
    assertThat(next(gate, action("1"), action("2"))).isEqualTo(new Next.Finish(null));
  }

  @Test
  void a_false_gate_in_a_branch_skips_the_rest_of_that_branch_only() {
    Action gate = condition("0.then.0", List.of(), List.of(), false);
    Action branch = condition("0", List.of(gate, action("0.then.1")), List.of(), true);
    decided("0", true);
    decided("0.then.0", false);
    assertThat(paths(next(branch, action("1")))).containsExactly("0.then.1");
    ended("0.then.1", StepStatus.SKIPPED);
    assertThat(path(next(branch, action("1")))).isEqualTo("1");
  }

  @Test
  void a_true_gate_lets_the_rest_run() {
    Action gate = condition("0", List.of(), List.of(), false);
    decided("0", true);
    assertThat(path(next(gate, action("1")))).isEqualTo("1");
  }

  @Test
  void a_skipped_condition_skips_both_its_branches() {
    Action branch = condition("0", List.of(action("0.then.0")), List.of(action("0.else.0")), true);
    ended("0", StepStatus.SKIPPED);
    assertThat(paths(next(branch))).containsExactly("0.then.0", "0.else.0");
  }

  @Test
  void every_prefix_of_results_leads_to_the_same_end() {
    Action branch = condition("1", List.of(action("1.then.0")), List.of(action("1.else.0")), true);
    Action[] actions = {action("0"), branch, action("2")};
    List<String> ran = new ArrayList<>();
    Next next = next(actions);
    while (!(next instanceof Next.Finish)) {
      switch (next) {
        case Next.Run run when run.action().type().equals("condition") -> decided("1", false);
        case Next.Run run -> {
          ran.add(run.action().path());
          ended(run.action().path(), StepStatus.COMPLETED);
        }
        case Next.Skip skip ->
            skip.actions().forEach(action -> ended(action.path(), StepStatus.SKIPPED));
        default -> throw new AssertionError(next);
      }
      next = next(actions);
    }
    assertThat(ran).containsExactly("0", "1.else.0", "2");
    assertThat(results).hasSize(5);
  }
}
