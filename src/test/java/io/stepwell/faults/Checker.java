package io.stepwell.faults;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;

import io.stepwell.faults.History.Accepted;
import io.stepwell.faults.History.Cancelled;
import io.stepwell.faults.History.Effect;
import io.stepwell.faults.History.ExecutionState;
import io.stepwell.faults.History.Observed;
import io.stepwell.faults.History.StepState;
import io.stepwell.faults.History.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says which promises a history breaks: a pure function of it. */
final class Checker {
  /** How long after its end a fault may still explain what happens: detection, lease, restart. */
  private static final Duration AFTERMATH = Duration.ofSeconds(30);

  private static final Duration CANCEL_BOUND = Duration.ofSeconds(2);
  private static final double MOST = 0.8;

  /** Faults under which a replica can neither see the database nor be told anything. */
  private static final Set<String> BLINDING =
      Set.of(
          "FREEZE",
          "STALL",
          "STALL_IN_TRANSACTION",
          "CUT",
          "DATABASE_CRASH",
          "FAILOVER",
          "POOLER_CRASH",
          "POOLER_PAUSED",
          "DISK_FULL",
          "ROLE_MAY_NOT_LOG_IN");

  /** What is promised of every run. */
  enum Rule {
    ACCEPTED_IS_PRESENT_AND_ENDS,
    ONE_KEY_ONE_EXECUTION,
    FAILED_BY_NO_FAULT,
    TERMINAL_ONCE,
    ONE_SUCCESS_A_STEP,
    EFFECTS_WITHIN_ATTEMPTS,
    DUPLICATES_EXPLAINED,
    NO_WAIT_EARLY,
    NO_STEP_AFTER_CANCEL,
    NOTHING_LEFT_RUNNING,
    NO_END_WHILE_A_STEP_RUNS,
    STREAM_WITHOUT_GAP_OR_REPEAT,
    REFUSED_PROPERLY,
    COUNTED_ONCE,
    MOST_SUCCEEDED,
    FENCED_ONCE_AT_LEAST,
    CLAIMED_AGAIN_ONCE_AT_LEAST
  }

  /** A broken promise. */
  record Violation(Rule rule, String what) {}

  private final History history;
  private final Map<String, List<ExecutionState>> executions;
  private final Map<String, List<StepState>> steps;
  private final Map<String, List<Effect>> effects;
  private final List<Violation> violations = new ArrayList<>();

  private Checker(History history) {
    this.history = history;
    this.executions = history.executions().stream().collect(groupingBy(ExecutionState::id));
    this.steps =
        history.steps().stream()
            .collect(groupingBy(step -> step.executionId() + ":" + step.name()));
    this.effects = history.effects().stream().collect(groupingBy(Effect::key));
  }

  static List<Violation> check(History history) {
    Checker checker = new Checker(history);
    checker.accepted();
    checker.terminalOnce();
    checker.successes();
    checker.effects();
    checker.waits();
    checker.cancels();
    checker.leftovers();
    checker.ends();
    checker.streams();
    checker.answers();
    checker.substance();
    return checker.violations;
  }

  /** How often an execution was taken from an owner that had not let go of it. */
  static int reclaims(List<ExecutionState> states) {
    int reclaims = 0;
    String owner = "";
    for (ExecutionState state : states) {
      boolean taken = !owner.isEmpty() && !state.token().isEmpty() && !state.token().equals(owner);
      reclaims += taken ? 1 : 0;
      owner = state.token();
    }
    return reclaims;
  }

  /**
   * That an attempt began is recorded lazily: every owner that lost the lease, to another or to a
   * cancel, may have lost that record with it.
   */
  private static int hiddenAttempts(List<ExecutionState> states) {
    long owners =
        states.stream()
            .map(ExecutionState::token)
            .filter(token -> !token.isEmpty())
            .distinct()
            .count();
    boolean cancelled = !states.isEmpty() && states.getLast().status().equals("CANCELLED");
    return (int) Math.max(0, cancelled ? owners : owners - 1);
  }

  private void violated(Rule rule, String what) {
    violations.add(new Violation(rule, what));
  }

  private void accepted() {
    Map<String, String> ids = new HashMap<>();
    for (Accepted accepted : history.accepted()) {
      List<ExecutionState> states = executions.getOrDefault(accepted.executionId(), List.of());
      if (states.isEmpty()) {
        violated(Rule.ACCEPTED_IS_PRESENT_AND_ENDS, "%s is not there".formatted(accepted));
      } else if (!states.getLast().terminal()) {
        violated(Rule.ACCEPTED_IS_PRESENT_AND_ENDS, "%s: %s".formatted(accepted, states.getLast()));
      }
      if (!states.isEmpty() && states.getLast().status().equals("FAILED")) {
        violated(Rule.FAILED_BY_NO_FAULT, "%s".formatted(accepted));
      }
      String before = ids.putIfAbsent(accepted.idempotencyKey(), accepted.executionId());
      if (before != null && !before.equals(accepted.executionId())) {
        violated(Rule.ONE_KEY_ONE_EXECUTION, "%s, and before %s".formatted(accepted, before));
      }
    }
  }

  private void terminalOnce() {
    Map<String, String> ends = new HashMap<>();
    executions.forEach((id, states) -> {
      for (ExecutionState state : states) {
        String end = ends.get(id);
        if (end != null && (!end.equals(state.status()) || !state.token().isEmpty())) {
          violated(Rule.TERMINAL_ONCE, "%s was %s, then %s".formatted(id, end, state));
        } else if (state.terminal()) {
          ends.put(id, state.status());
        }
      }
    });
    Map<String, String> seen = new HashMap<>();
    for (Observed observed : history.observed()) {
      String before = seen.get(observed.executionId());
      boolean terminal = List.of("COMPLETED", "FAILED", "CANCELLED").contains(observed.status());
      boolean wrong = terminal && !observed.status().equals(ends.get(observed.executionId()));
      if (wrong || (before != null && !before.equals(observed.status()))) {
        violated(
            Rule.TERMINAL_ONCE,
            "%s, but it was %s".formatted(observed, ends.get(observed.executionId())));
      }
      if (terminal) {
        seen.putIfAbsent(observed.executionId(), observed.status());
      }
    }
  }

  private void successes() {
    steps.forEach((key, states) -> {
      boolean ended = false;
      for (StepState state : states) {
        if (ended) {
          violated(Rule.ONE_SUCCESS_A_STEP, "%s had ended, then %s".formatted(key, state));
        }
        ended |= state.terminal();
      }
    });
  }

  private void effects() {
    effects.forEach((key, calls) -> {
      List<StepState> states = steps.getOrDefault(key, List.of());
      int attempts = states.stream().mapToInt(StepState::attempts).max().orElse(0);
      String id = calls.getFirst().executionId();
      int hidden = hiddenAttempts(executions.getOrDefault(id, List.of()));
      if (calls.size() > attempts + hidden) {
        violated(
            Rule.EFFECTS_WITHIN_ATTEMPTS,
            "%s: %d calls, %d attempts, %d may be hidden"
                .formatted(key, calls.size(), attempts, hidden));
      }
      for (int i = 1; i < calls.size(); i++) {
        Effect first = calls.get(i - 1);
        Effect again = calls.get(i);
        boolean explained = first.refused() || disturbed(id, first.at(), again.at());
        if (!explained) {
          violated(
              Rule.DUPLICATES_EXPLAINED, "%s at %s and %s".formatted(key, first.at(), again.at()));
        }
      }
    });
  }

  /**
   * Whether something failed about these two calls, and the execution changed hands since it did:
   * not only between the calls, for one that is on its way may arrive after its owner was replaced.
   */
  private boolean disturbed(String id, Instant first, Instant again) {
    return history.disturbances().stream()
        .filter(d -> d.touches(first, again, AFTERMATH))
        .map(d -> d.from().isBefore(first) ? d.from() : first)
        .anyMatch(since -> changedHands(id, since, again));
  }

  /** Whether another than its first owner took the execution between these times. */
  private boolean changedHands(String id, Instant begin, Instant end) {
    List<ExecutionState> owned =
        executions.getOrDefault(id, List.of()).stream()
            .filter(state -> !state.token().isEmpty())
            .toList();
    return owned.stream()
        .filter(state -> !state.token().equals(owned.getFirst().token()))
        .anyMatch(state -> state.at().isAfter(begin) && state.at().isBefore(end));
  }

  private void waits() {
    steps.forEach((key, states) -> {
      Instant until = Instant.EPOCH;
      for (StepState state : states) {
        if (state.status().equals("COMPLETED") && state.at().isBefore(until)) {
          violated(Rule.NO_WAIT_EARLY, "%s was to wait until %s: %s".formatted(key, until, state));
        }
        until = state.resumeAt();
      }
    });
  }

  private void cancels() {
    Map<String, Instant> first =
        history.cancelled().stream()
            .collect(toMap(Cancelled::executionId, Cancelled::at, (a, b) -> a.isBefore(b) ? a : b));
    first.forEach((id, at) -> {
      List<ExecutionState> states = executions.getOrDefault(id, List.of());
      if (states.isEmpty() || !states.getLast().status().equals("CANCELLED")) {
        violated(Rule.TERMINAL_ONCE, "the cancel of %s was acknowledged: %s".formatted(id, states));
      }
    });
    effects.forEach((key, calls) -> {
      Instant cancelled = first.get(calls.getFirst().executionId());
      Instant begun = calls.getFirst().at();
      if (cancelled != null && begun.isAfter(cancelled.plus(CANCEL_BOUND))) {
        // who is cut off from the database cannot know, and may begin the step that was next
        boolean blind =
            history.disturbances().stream()
                .filter(d -> BLINDING.contains(d.fault()))
                .anyMatch(d -> d.touches(cancelled, begun, CANCEL_BOUND));
        if (!blind) {
          violated(
              Rule.NO_STEP_AFTER_CANCEL,
              "%s began at %s, cancelled at %s".formatted(key, begun, cancelled));
        }
      }
    });
  }

  private void leftovers() {
    executions.forEach((id, states) -> {
      if (!states.getLast().terminal()) {
        violated(Rule.NOTHING_LEFT_RUNNING, "%s".formatted(states.getLast()));
      }
    });
    steps.forEach((key, states) -> {
      if (!states.getLast().terminal()) {
        violated(Rule.NOTHING_LEFT_RUNNING, "%s".formatted(states.getLast()));
      }
    });
  }

  /** A step's row is written before, or together with, the end of its execution. */
  private void ends() {
    steps.values().stream()
        .collect(groupingBy(states -> states.getFirst().executionId()))
        .forEach((id, all) -> {
          for (ExecutionState end : executions.getOrDefault(id, List.of())) {
            all.stream()
                .flatMap(states ->
                    states.stream()
                        .filter(state -> !state.at().isAfter(end.at()))
                        .reduce((earlier, later) -> later)
                        .stream())
                .filter(state -> end.terminal() && !state.terminal())
                .forEach(state ->
                    violated(Rule.NO_END_WHILE_A_STEP_RUNS, "%s, while %s".formatted(end, state)));
          }
        });
  }

  private void streams() {
    Map<String, List<Told>> byStream =
        history.told().stream()
            .filter(told -> !told.event().equals("connected"))
            .collect(groupingBy(Told::stream, LinkedHashMap::new, toList()));
    byStream.forEach((stream, told) -> {
      String last = "0.0";
      Set<String> ended = new HashSet<>();
      for (Told event : told) {
        if (!isAfter(event.id(), last)) {
          violated(Rule.STREAM_WITHOUT_GAP_OR_REPEAT, "%s after %s".formatted(event, last));
        }
        last = event.id();
        if (event.event().equals("step") && !event.step().contains(" RUNNING ")) {
          if (!ended.add(event.step())) {
            violated(Rule.STREAM_WITHOUT_GAP_OR_REPEAT, "%s told twice".formatted(event));
          }
        }
      }
      if (!told.getLast().event().equals("complete")) {
        violated(
            Rule.STREAM_WITHOUT_GAP_OR_REPEAT,
            "%s has no end: %s".formatted(stream, told.getLast()));
      }
      Set<String> expected = ends(told.getFirst().executionId());
      if (!ended.equals(expected)) {
        violated(
            Rule.STREAM_WITHOUT_GAP_OR_REPEAT,
            "%s told %s of %s".formatted(stream, ended, expected));
      }
    });
  }

  /** Name, final status and attempts of each step that ended. */
  private Set<String> ends(String executionId) {
    Set<String> ends = new HashSet<>();
    steps.forEach((key, states) -> {
      StepState last = states.getLast();
      if (last.executionId().equals(executionId)) {
        ends.add("%s %s %d".formatted(last.name(), last.status(), last.attempts()));
      }
    });
    return ends;
  }

  /** Whether the place {@code <change>.<part>} is behind another. */
  private static boolean isAfter(String id, String before) {
    int change = Integer.compare(number(id, 0), number(before, 0));
    return change > 0 || (change == 0 && number(id, 1) > number(before, 1));
  }

  private static int number(String id, int part) {
    int dot = id.indexOf('.');
    return Integer.parseInt(part == 0 ? id.substring(0, dot) : id.substring(dot + 1));
  }

  private void answers() {
    history.refusals().forEach(refusal -> violated(Rule.REFUSED_PROPERLY, "%s".formatted(refusal)));
    Map<String, Integer> rows = new HashMap<>();
    executions.values().forEach(states -> rows.merge(states.getLast().status(), 1, Integer::sum));
    Map<String, Integer> counted = new HashMap<>(history.counted());
    counted.values().removeIf(count -> count == 0);
    if (!counted.equals(rows)) {
      violated(Rule.COUNTED_ONCE, "the statistics say %s of %s".formatted(counted, rows));
    }
  }

  /** A run in which little happened proves nothing. */
  private void substance() {
    if (history.succeeded() < history.operations() * MOST) {
      violated(
          Rule.MOST_SUCCEEDED, "%d of %d".formatted(history.succeeded(), history.operations()));
    }
    if (history.fences() < 1) {
      violated(Rule.FENCED_ONCE_AT_LEAST, "no result was dropped for a lost lease");
    }
    if (executions.values().stream().mapToInt(Checker::reclaims).sum() < 1) {
      violated(Rule.CLAIMED_AGAIN_ONCE_AT_LEAST, "no execution changed hands");
    }
  }
}
