package io.stepwell.engine;

import io.stepwell.engine.Flow.Condition;
import io.stepwell.engine.Flow.Placed;
import io.stepwell.engine.Flow.Verdict;
import io.stepwell.engine.Flow.Work;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import io.stepwell.workflow.OnError;
import java.util.ArrayList;
import java.util.HashMap;
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
  List<Runner> claim() {
    return executions.stream().filter(Execution::isDue).map(Runner::new).toList();
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
    @Nullable Runner owner;
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

    private void end(ExecutionStatus how, @Nullable String by) {
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

  /** A replica's run of an execution, which may not be its own any more. */
  final class Runner {
    final Execution execution;
    final int claims;
    private final Map<String, Step> view;
    private boolean progressed;
    private boolean fenced;
    boolean ended;

    /** The step whose attempt goes on. */
    @Nullable Placed at;

    int attempt;

    private Runner(Execution execution) {
      this.execution = execution;
      execution.status = ExecutionStatus.RUNNING;
      execution.owner = this;
      execution.due = now + LEASE;
      this.claims = ++execution.claims;
      this.progressed = claims <= 1;
      this.view = new HashMap<>(execution.steps);
    }

    boolean holds() {
      return execution.owner == this;
    }

    Map<String, Step> view() {
      return view;
    }

    void renew() {
      if (holds()) {
        execution.due = now + LEASE;
      }
    }

    void giveBack() {
      if (holds()) {
        execution.owner = null;
        execution.due = now;
        execution.claims = Math.max(0, execution.claims - 1);
      }
    }

    void run() {
      if (claims > MAX_CLAIMS) {
        poisoned();
      } else {
        advance();
      }
    }

    /** Nobody must wait for an execution that never gets on. */
    private void poisoned() {
      Placed stuck = next(view);
      @Nullable Step step = stuck == null ? null : view.get(stuck.path());
      if (stuck != null) {
        int attempts = step == null ? 0 : step.attempts();
        write(stuck.path(), Step.ended(StepStatus.FAILED, attempts));
      }
      finish(ExecutionStatus.FAILED, stuck == null ? null : stuck.path());
    }

    /** Goes on until an attempt begins, or the execution is let go of. */
    private void advance() {
      at = null;
      while (at == null && !ended) {
        @Nullable Placed next = next(view);
        @Nullable Step step = next == null ? null : view.get(next.path());
        if (next == null) {
          finish(ExecutionStatus.COMPLETED, null);
        } else if (step == null) {
          begin(next, 0);
        } else if (step.hasEnded()) {
          finish(ExecutionStatus.FAILED, next.path());
        } else if (step.pause() == null) {
          begin(next, step.attempts());
        } else if (step.pause() != Pause.SIGNAL && step.resumeAt() > now) {
          release(step.resumeAt());
        } else {
          wake(next, step, step.pause());
        }
      }
    }

    private void wake(Placed placed, Step step, Pause pause) {
      switch (pause) {
        case BACKOFF -> begin(placed, step.attempts());
        case TIMER -> end(placed, StepStatus.COMPLETED, step.attempts());
        case SIGNAL -> {
          if (step.signal() == null) {
            @Nullable Step row = execution.steps.get(placed.path());
            release(row != null && row.signal() != null ? now : NEVER);
          } else {
            end(placed, step.signal() ? StepStatus.COMPLETED : StepStatus.FAILED, step.attempts());
          }
        }
      }
    }

    private void begin(Placed placed, int attempts) {
      Verdict when = attempts == 0 ? placed.flow().when() : Verdict.TRUE;
      switch (when) {
        case FALSE -> end(placed, StepStatus.SKIPPED, 0);
        case BROKEN -> end(placed, StepStatus.FAILED, 1);
        case TRUE -> {
          switch (placed.flow()) {
            case Condition condition ->
                end(
                    placed,
                    condition.verdict() == Verdict.BROKEN
                        ? StepStatus.FAILED
                        : StepStatus.COMPLETED,
                    attempts + 1);
            case Work work -> {
              if (work.outside() && fenced) {
                // before an effect everything must be durable: here it learns that it is not
                ended = true;
              } else {
                attempt(placed, work, attempts + 1);
              }
            }
          }
        }
      }
    }

    private void attempt(Placed placed, Work work, int number) {
      at = placed;
      attempt = number;
      if (work.outside() && holds()) {
        execution.steps.put(placed.path(), Step.running(number, null, NEVER));
      }
    }

    /** The attempt that goes on ends so. */
    void let(Outcome outcome) {
      Placed placed = at;
      Work work = (Work) placed.flow();
      switch (outcome) {
        case SUCCESS, SUCCESS_WITH_NOTE -> {
          if (outcome == Outcome.SUCCESS_WITH_NOTE && holds()) {
            execution.notes++;
          }
          end(placed, StepStatus.COMPLETED, attempt);
          advance();
        }
        case FAILURE -> {
          if (work.onError() != OnError.RETRY || attempt > Flow.RETRIES) {
            end(placed, StepStatus.FAILED, attempt);
            advance();
          } else if (work.patient()) {
            pause(Pause.BACKOFF, now + Flow.BACKOFF * (long) Math.pow(5, attempt - 1));
          } else {
            attempt(placed, work, attempt + 1);
          }
        }
        case PERMANENT_FAILURE -> {
          end(placed, StepStatus.FAILED, attempt);
          advance();
        }
        case SLEEP -> pause(Pause.TIMER, now + NAP);
        case AWAIT_SIGNAL -> pause(Pause.SIGNAL, NEVER);
      }
    }

    private void end(Placed placed, StepStatus status, int attempts) {
      write(placed.path(), Step.ended(status, attempts));
      for (String path : skipped(placed, status)) {
        write(path, Step.ended(StepStatus.SKIPPED, 0));
      }
    }

    private void write(String path, Step step) {
      view.put(path, step);
      if (!holds()) {
        fenced = true;
        return;
      }
      execution.steps.put(path, step);
      if (!progressed) {
        execution.claims = Math.min(1, execution.claims);
        progressed = true;
      }
    }

    private void pause(Pause pause, long until) {
      if (holds()) {
        execution.steps.put(at.path(), Step.running(attempt, pause, until));
      }
      release(until);
    }

    private void release(long until) {
      if (holds()) {
        execution.owner = null;
        execution.due = until;
        execution.claims = 0;
      }
      at = null;
      ended = true;
    }

    private void finish(ExecutionStatus status, @Nullable String by) {
      if (holds()) {
        execution.end(status, by);
      }
      ended = true;
    }
  }
}
