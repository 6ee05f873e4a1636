package io.stepwell.engine;

import io.stepwell.engine.Flow.Condition;
import io.stepwell.engine.Flow.Placed;
import io.stepwell.engine.Flow.Verdict;
import io.stepwell.engine.Flow.Work;
import io.stepwell.engine.Reference.Execution;
import io.stepwell.engine.Reference.Outcome;
import io.stepwell.engine.Reference.Step;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import io.stepwell.workflow.OnError;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A replica's run of an execution, which may not be its own any more. */
final class ReferenceRunner {
  private final Reference reference;
  final Execution execution;
  final int claims;
  private final Map<String, Step> view;
  private boolean progressed;
  private boolean fenced;
  boolean ended;

  /** The step whose attempt goes on. */
  @Nullable Placed at;

  int attempt;

  ReferenceRunner(Reference reference, Execution execution) {
    this.reference = reference;
    this.execution = execution;
    execution.status = ExecutionStatus.RUNNING;
    execution.owner = this;
    execution.due = reference.now + Reference.LEASE;
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
      execution.due = reference.now + Reference.LEASE;
    }
  }

  void giveBack() {
    if (holds()) {
      execution.owner = null;
      execution.due = reference.now;
      execution.claims = Math.max(0, execution.claims - 1);
    }
  }

  void run() {
    if (claims > Reference.MAX_CLAIMS) {
      poisoned();
    } else {
      advance();
    }
  }

  /** Nobody must wait for an execution that never gets on. */
  private void poisoned() {
    Placed stuck = reference.next(view);
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
      @Nullable Placed next = reference.next(view);
      @Nullable Step step = next == null ? null : view.get(next.path());
      if (next == null) {
        finish(ExecutionStatus.COMPLETED, null);
      } else if (step == null) {
        begin(next, 0);
      } else if (step.hasEnded()) {
        finish(ExecutionStatus.FAILED, next.path());
      } else if (step.pause() == null) {
        begin(next, step.attempts());
      } else if (step.pause() != Pause.SIGNAL && step.resumeAt() > reference.now) {
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
          release(row != null && row.signal() != null ? reference.now : Reference.NEVER);
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
                  condition.verdict() == Verdict.BROKEN ? StepStatus.FAILED : StepStatus.COMPLETED,
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
      execution.steps.put(placed.path(), Step.running(number, null, Reference.NEVER));
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
          pause(Pause.BACKOFF, reference.now + Flow.BACKOFF * (long) Math.pow(5, attempt - 1));
        } else if (work.outside() && !holds()) {
          // no attempt before the last one's failure is durable: here it learns that it is not
          ended = true;
        } else {
          attempt(placed, work, attempt + 1);
        }
      }
      case PERMANENT_FAILURE -> {
        end(placed, StepStatus.FAILED, attempt);
        advance();
      }
      case SLEEP -> pause(Pause.TIMER, reference.now + Reference.NAP);
      case AWAIT_SIGNAL -> pause(Pause.SIGNAL, Reference.NEVER);
    }
  }

  private void end(Placed placed, StepStatus status, int attempts) {
    write(placed.path(), Step.ended(status, attempts));
    for (String path : Reference.skipped(placed, status)) {
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
