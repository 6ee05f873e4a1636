package io.stepwell.engine;

import io.stepwell.engine.Flow.Condition;
import io.stepwell.engine.Flow.Placed;
import io.stepwell.engine.Flow.Verdict;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import io.stepwell.workflow.OnError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the engine promises, in memory: executions of one workflow, and the runners that have them
 * or believe so. Time is counted in minutes, and passes only when it is told to.
 */
final class Reference {
  static final long NEVER = Long.MAX_VALUE;

  /** Minutes that a lease lasts. */
  static final int LEASE = 60;

  /** Minutes that a step sleeps. */
  static final int NAP = 150;

  /** Claims without progress after which an execution is given up. */
  static final int MAX_CLAIMS = 2;

  /** How an attempt ends. */
  enum Outcome {
    SUCCESS,
    SUCCESS_WITH_NOTE,
    FAILURE,
    PERMANENT_FAILURE,
    SLEEP,
    AWAIT_SIGNAL
  }

  /**
   * @param signal whether the signal that came was a good one
   */
  record Step(
      StepStatus status,
      int attempts,
      @Nullable Pause pause,
      long resumeAt,
      @Nullable Boolean signal) {
    static Step ended(StepStatus status, int attempts) {
      return new Step(status, attempts, null, NEVER, null);
    }

    static Step running(int attempts, @Nullable Pause pause, long resumeAt) {
      return new Step(StepStatus.RUNNING, attempts, pause, resumeAt, null);
    }

    boolean hasEnded() {
      return status.isTerminal();
    }
  }

  final Map<String, Placed> layout;
  final List<Execution> executions = new ArrayList<>();
  long now;

  Reference(List<Flow> flows) {
    this.layout = Flow.layout(flows);
  }

  Execution start() {
    Execution execution = new Execution();
    executions.add(execution);
    return execution;
  }

  /** Claims whatever is due. */
  List<ReferenceRunner> claim() {
    return executions.stream()
        .filter(Execution::isDue)
        .map(e -> new ReferenceRunner(this, e))
        .toList();
  }

  /** The first step in depth-first order that has not ended, or the one that ended it all. */
  @Nullable Placed next(Map<String, Step> steps) {
    for (Placed placed : layout.values()) {
      @Nullable Step step = steps.get(placed.path());
      if (step == null || !step.hasEnded() || endsExecution(placed, step)) {
        return placed;
      }
    }
    return null;
  }

  static boolean endsExecution(Placed placed, @Nullable Step step) {
    return step != null
        && step.status() == StepStatus.FAILED
        && placed.flow().onError() != OnError.CONTINUE;
  }

  /** What will never run, once a step has ended so. */
  static List<String> skipped(Placed placed, StepStatus status) {
    if (!(placed.flow() instanceof Condition condition)
        || endsExecution(placed, Step.ended(status, 1))) {
      return List.of();
    }
    boolean holds = condition.verdict() == Verdict.TRUE;
    if (status == StepStatus.COMPLETED && !condition.branches()) {
      return holds ? List.of() : placed.rest();
    }
    List<String> paths = new ArrayList<>();
    if (status != StepStatus.COMPLETED || !holds) {
      paths.addAll(placed.then());
    }
    if (status != StepStatus.COMPLETED || holds) {
      paths.addAll(placed.otherwise());
    }
    return paths;
  }

  /** One execution as its rows show it. */
  final class Execution {
    ExecutionStatus status = ExecutionStatus.PENDING;
    final Map<String, Step> steps = new TreeMap<>();
    @Nullable ReferenceRunner owner;
    long due = now;
    int claims;
    int floor;
    int notes;
    @Nullable String endedBy;

    boolean isDue() {
      return !status.isTerminal() && due <= now;
    }

    int count(StepStatus wanted) {
      return (int) steps.values().stream().filter(step -> step.status() == wanted).count();
    }

    int percentage() {
      int ended =
          count(StepStatus.COMPLETED) + count(StepStatus.FAILED) + count(StepStatus.SKIPPED);
      return Math.max(floor, ended * 100 / layout.size());
    }

    /** Whether it was cancelled now or before. */
    boolean cancel() {
      if (status == ExecutionStatus.COMPLETED || status == ExecutionStatus.FAILED) {
        return false;
      }
      if (status != ExecutionStatus.CANCELLED) {
        for (String path : layout.keySet()) {
          @Nullable Step step = steps.get(path);
          if (step == null || !step.hasEnded()) {
            steps.put(path, Step.ended(StepStatus.CANCELLED, step == null ? 0 : step.attempts()));
          }
        }
        end(ExecutionStatus.CANCELLED, null);
      }
      return true;
    }

    void end(ExecutionStatus how, @Nullable String by) {
      status = how;
      endedBy = by;
      owner = null;
      due = NEVER;
    }

    boolean retry() {
      if (status != ExecutionStatus.FAILED && status != ExecutionStatus.CANCELLED) {
        return false;
      }
      floor = percentage();
      steps.values().removeIf(step -> step.status() == StepStatus.CANCELLED);
      if (endedBy != null) {
        steps.remove(endedBy);
      }
      status = ExecutionStatus.PENDING;
      endedBy = null;
      due = now;
      claims = 0;
      return true;
    }

    /** The path of the step that waits for a signal, if one does. */
    @Nullable String awaiting() {
      return steps.entrySet().stream()
          .filter(step -> step.getValue().pause() == Pause.SIGNAL)
          .map(Map.Entry::getKey)
          .findFirst()
          .orElse(null);
    }

    void signal(String path, boolean good) {
      if (!status.isTerminal() && owner == null) {
        due = now;
      }
      @Nullable Step step = steps.get(path);
      if (step != null && step.pause() == Pause.SIGNAL) {
        steps.put(path, new Step(step.status(), step.attempts(), step.pause(), NEVER, good));
      }
    }
  }
}
