package io.stepwell.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.faults.Checker.Rule;
import io.stepwell.faults.History.Accepted;
import io.stepwell.faults.History.Cancelled;
import io.stepwell.faults.History.Disturbance;
import io.stepwell.faults.History.Effect;
import io.stepwell.faults.History.ExecutionState;
import io.stepwell.faults.History.Observed;
import io.stepwell.faults.History.StepState;
import io.stepwell.faults.History.Told;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A checker that misses a broken promise proves nothing: each rule catches what breaks it. */
class CheckerTest {
  private static final Set<Rule> CAUGHT = EnumSet.noneOf(Rule.class);
  private static final AtomicInteger RAN = new AtomicInteger();

  private final Draft draft = new Draft();

  private static Instant second(double second) {
    return Instant.parse("2026-01-01T00:00:00Z").plusMillis((long) (second * 1000));
  }

  /**
   * A good history, to be spoilt: {@code done} calls once, is killed, calls again; {@code gone} is
   * cancelled in its wait.
   */
  private static final class Draft {
    int operations = 3;
    int succeeded = 3;
    double fences = 1;
    final List<Accepted> accepted =
        new ArrayList<>(
            List.of(
                new Accepted("key-1", "done", second(0)),
                new Accepted("key-2", "gone", second(0))));
    final List<String> refusals = new ArrayList<>();
    final List<Observed> observed =
        new ArrayList<>(
            List.of(
                new Observed("done", "RUNNING", second(2)),
                new Observed("done", "COMPLETED", second(20))));
    final List<Cancelled> cancelled = new ArrayList<>(List.of(new Cancelled("gone", second(2))));
    final List<Effect> effects =
        new ArrayList<>(
            List.of(
                new Effect("done:call", second(1.2), false),
                new Effect("done:call", second(6), false)));
    final List<Told> told =
        new ArrayList<>(
            List.of(
                new Told("s", "done", "connected", "0.0", ""),
                new Told("s", "done", "step", "1.0", "call RUNNING 1"),
                new Told("s", "done", "connected", "1.0", ""),
                new Told("s", "done", "step", "3.0", "call COMPLETED 2"),
                new Told("s", "done", "progress", "3.1", ""),
                new Told("s", "done", "complete", "3.2", "")));
    final List<ExecutionState> executions =
        new ArrayList<>(
            List.of(
                new ExecutionState("done", "PENDING", "", 0, second(0)),
                new ExecutionState("done", "RUNNING", "first", 1, second(1)),
                new ExecutionState("done", "RUNNING", "second", 2, second(5)),
                new ExecutionState("done", "COMPLETED", "", 2, second(7)),
                new ExecutionState("gone", "PENDING", "", 0, second(0)),
                new ExecutionState("gone", "RUNNING", "third", 1, second(1)),
                new ExecutionState("gone", "RUNNING", "", 0, second(1.1)),
                new ExecutionState("gone", "CANCELLED", "", 0, second(1.9))));
    final List<StepState> steps =
        new ArrayList<>(
            List.of(
                step("done", "call", "RUNNING", 1, Instant.EPOCH, 1.3),
                step("done", "call", "RUNNING", 2, Instant.EPOCH, 6.1),
                step("done", "call", "COMPLETED", 2, Instant.EPOCH, 7),
                step("gone", "pause", "RUNNING", 1, second(60), 1.1),
                step("gone", "pause", "CANCELLED", 1, Instant.EPOCH, 1.9)));
    final List<Disturbance> disturbances =
        new ArrayList<>(List.of(new Disturbance("KILL", second(1.5), second(1.5))));
    final Map<String, Integer> counted =
        new HashMap<>(Map.of("COMPLETED", 1, "CANCELLED", 1, "FAILED", 0));

    static StepState step(
        String execution, String name, String status, int attempts, Instant until, double at) {
      return new StepState(execution, "0", name, status, attempts, until, second(at));
    }

    Set<Rule> broken() {
      History history =
          new History(
              operations,
              succeeded,
              accepted,
              refusals,
              observed,
              cancelled,
              effects,
              told,
              executions,
              steps,
              disturbances,
              fences,
              counted);
      return Checker.check(history).stream()
          .map(Checker.Violation::rule)
          .collect(Collectors.toSet());
    }
  }

  private void catches(Rule rule) {
    assertThat(draft.broken()).contains(rule);
    CAUGHT.add(rule);
  }

  /** Unless only some of the tests run. */
  @AfterAll
  static void every_rule_was_broken_and_caught() {
    long tests =
        Arrays.stream(CheckerTest.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();
    if (RAN.get() == tests) {
      assertThat(CAUGHT).containsExactlyInAnyOrder(Rule.values());
    }
  }

  @BeforeEach
  void count() {
    RAN.incrementAndGet();
  }

  @Test
  void a_history_that_keeps_all_promises_passes() {
    assertThat(draft.broken()).isEmpty();
  }

  @Test
  void an_acknowledged_execution_that_is_not_there_is_caught() {
    draft.accepted.add(new Accepted("key-3", "lost", second(3)));
    catches(Rule.ACCEPTED_IS_PRESENT_AND_ENDS);
  }

  @Test
  void an_execution_that_never_ends_is_caught() {
    draft.executions.removeIf(state -> state.status().equals("COMPLETED"));
    catches(Rule.NOTHING_LEFT_RUNNING);
    catches(Rule.ACCEPTED_IS_PRESENT_AND_ENDS);
  }

  @Test
  void a_step_that_is_left_running_is_caught() {
    draft.steps.removeIf(state -> state.status().equals("CANCELLED"));
    catches(Rule.NOTHING_LEFT_RUNNING);
  }

  @Test
  void an_end_while_a_step_runs_is_caught() {
    draft.steps.replaceAll(state ->
        state.status().equals("COMPLETED")
            ? Draft.step("done", "call", "COMPLETED", 2, Instant.EPOCH, 7.5)
            : state);
    catches(Rule.NO_END_WHILE_A_STEP_RUNS);
  }

  @Test
  void two_executions_of_one_idempotency_key_are_caught() {
    draft.accepted.add(new Accepted("key-1", "gone", second(3)));
    catches(Rule.ONE_KEY_ONE_EXECUTION);
  }

  @Test
  void an_execution_that_a_fault_failed_is_caught() {
    draft.executions.replaceAll(state ->
        state.status().equals("COMPLETED")
            ? new ExecutionState("done", "FAILED", "", 2, state.at())
            : state);
    catches(Rule.FAILED_BY_NO_FAULT);
  }

  @Test
  void a_second_end_is_caught() {
    draft.executions.add(new ExecutionState("done", "CANCELLED", "", 2, second(8)));
    catches(Rule.TERMINAL_ONCE);
  }

  @Test
  void an_end_that_a_client_saw_and_the_database_does_not_have_is_caught() {
    draft.observed.add(new Observed("gone", "COMPLETED", second(3)));
    catches(Rule.TERMINAL_ONCE);
  }

  @Test
  void a_status_after_the_end_is_caught() {
    draft.observed.add(new Observed("done", "RUNNING", second(21)));
    catches(Rule.TERMINAL_ONCE);
  }

  @Test
  void a_lease_after_the_end_is_caught() {
    draft.executions.add(new ExecutionState("done", "COMPLETED", "late", 3, second(8)));
    catches(Rule.TERMINAL_ONCE);
  }

  @Test
  void a_cancel_that_was_acknowledged_and_did_not_hold_is_caught() {
    draft.cancelled.add(new Cancelled("done", second(3)));
    catches(Rule.TERMINAL_ONCE);
  }

  @Test
  void a_second_success_of_a_step_is_caught() {
    draft.steps.add(Draft.step("done", "call", "COMPLETED", 3, Instant.EPOCH, 8));
    catches(Rule.ONE_SUCCESS_A_STEP);
  }

  @Test
  void more_effects_than_attempts_are_caught() {
    draft.effects.add(new Effect("done:call", second(6.5), true));
    draft.effects.add(new Effect("done:call", second(6.8), true));
    catches(Rule.EFFECTS_WITHIN_ATTEMPTS);
  }

  @Test
  void a_call_whose_record_the_cancel_forestalled_is_no_breach() {
    draft.effects.add(new Effect("gone:next", second(1.8), false));
    assertThat(draft.broken()).isEmpty();
  }

  @Test
  void more_effects_than_a_cancel_can_hide_are_caught() {
    draft.effects.add(new Effect("gone:next", second(1.7), true));
    draft.effects.add(new Effect("gone:next", second(1.8), true));
    catches(Rule.EFFECTS_WITHIN_ATTEMPTS);
  }

  @Test
  void a_duplicate_without_a_fault_is_caught() {
    draft.disturbances.clear();
    catches(Rule.DUPLICATES_EXPLAINED);
  }

  @Test
  void a_duplicate_of_one_owner_is_caught() {
    draft.effects.set(1, new Effect("done:call", second(1.4), false));
    catches(Rule.DUPLICATES_EXPLAINED);
  }

  @Test
  void a_duplicate_of_one_owner_is_caught_during_a_fault_too() {
    draft.disturbances.add(new Disturbance("FREEZE", second(1.1), second(1.3)));
    draft.effects.set(1, new Effect("done:call", second(1.4), false));
    catches(Rule.DUPLICATES_EXPLAINED);
  }

  @Test
  void a_call_that_arrives_after_its_owner_was_replaced_is_no_breach() {
    draft.effects.set(0, new Effect("done:call", second(5.2), false));
    draft.effects.set(1, new Effect("done:call", second(5.3), false));
    assertThat(draft.broken()).isEmpty();
  }

  @Test
  void a_duplicate_long_after_a_fault_is_caught() {
    draft.effects.set(0, new Effect("done:call", second(100), false));
    draft.effects.set(1, new Effect("done:call", second(101), false));
    catches(Rule.DUPLICATES_EXPLAINED);
  }

  @Test
  void a_duplicate_that_the_outside_world_asked_for_needs_no_fault() {
    draft.effects.set(0, new Effect("done:call", second(100), true));
    draft.effects.set(1, new Effect("done:call", second(101), false));
    assertThat(draft.broken()).isEmpty();
  }

  @Test
  void a_wait_that_ends_early_is_caught() {
    draft.steps.add(Draft.step("done", "pause", "RUNNING", 1, second(6), 5));
    draft.steps.add(Draft.step("done", "pause", "COMPLETED", 1, Instant.EPOCH, 5.99));
    catches(Rule.NO_WAIT_EARLY);
  }

  @Test
  void a_step_that_begins_after_the_cancel_is_caught() {
    draft.effects.add(new Effect("gone:next", second(4.1), false));
    catches(Rule.NO_STEP_AFTER_CANCEL);
  }

  @Test
  void a_step_that_a_frozen_replica_was_about_to_begin_is_no_breach() {
    draft.disturbances.add(new Disturbance("FREEZE", second(1), second(4)));
    draft.effects.add(new Effect("gone:next", second(4.1), false));
    assertThat(draft.broken()).doesNotContain(Rule.NO_STEP_AFTER_CANCEL);
  }

  @Test
  void an_event_told_twice_is_caught() {
    draft.told.add(4, new Told("s", "done", "step", "3.0", "call COMPLETED 2"));
    catches(Rule.STREAM_WITHOUT_GAP_OR_REPEAT);
  }

  @Test
  void an_end_of_a_step_that_is_not_told_is_caught() {
    draft.told.remove(3);
    catches(Rule.STREAM_WITHOUT_GAP_OR_REPEAT);
  }

  @Test
  void a_stream_that_goes_back_is_caught() {
    draft.told.add(5, new Told("s", "done", "step", "2.0", "call RUNNING 2"));
    catches(Rule.STREAM_WITHOUT_GAP_OR_REPEAT);
  }

  @Test
  void a_stream_without_an_end_is_caught() {
    draft.told.removeLast();
    catches(Rule.STREAM_WITHOUT_GAP_OR_REPEAT);
  }

  @Test
  void an_outage_that_looks_like_a_bug_is_caught() {
    draft.refusals.add("500");
    catches(Rule.REFUSED_PROPERLY);
  }

  @Test
  void statistics_that_count_twice_are_caught() {
    draft.counted.put("COMPLETED", 2);
    catches(Rule.COUNTED_ONCE);
  }

  @Test
  void a_run_in_which_little_succeeded_is_caught() {
    draft.operations = 10;
    catches(Rule.MOST_SUCCEEDED);
  }

  @Test
  void a_run_without_a_fence_is_caught() {
    draft.fences = 0;
    catches(Rule.FENCED_ONCE_AT_LEAST);
  }

  @Test
  void a_run_in_which_no_execution_changed_hands_is_caught() {
    draft.executions.remove(1);
    catches(Rule.CLAIMED_AGAIN_ONCE_AT_LEAST);
  }
}
