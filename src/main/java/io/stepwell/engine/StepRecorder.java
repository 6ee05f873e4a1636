package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.Effect;
import io.stepwell.action.EffectStore;
import io.stepwell.engine.JournalEntry.After;
import io.stepwell.engine.JournalEntry.Due;
import io.stepwell.engine.JournalEntry.Ending;
import io.stepwell.engine.JournalEntry.Finish;
import io.stepwell.engine.JournalEntry.Never;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.engine.JournalEntry.Release;
import io.stepwell.engine.JournalEntry.Step;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Hands what happens to one execution to the journal, and keeps the runner's own view of it the
 * same. Its methods answer whether the execution goes on here. Not thread-safe.
 */
final class StepRecorder {
  /** For actions whose attempts leave no trace outside: nothing of them need be known. */
  static final StepRunner.Observer IGNORANT =
      new StepRunner.Observer() {
        @Override
        public void started(int attempt) {}

        @Override
        public void backsOff(int attempt, ActionFailure failure, Duration delay) {}
      };

  private static final Due NEVER = new Never();

  private final RunState state;
  private final Journal journal;
  private final DatabaseClock clock;
  private @Nullable CompletableFuture<Boolean> last;
  private boolean progressed;
  private Instant began = Instant.EPOCH;
  private int beginChange;
  private boolean beginIsDurable;
  private boolean outside;

  StepRecorder(RunState state, Journal journal, DatabaseClock clock) {
    this.state = state;
    this.journal = journal;
    this.clock = clock;
    // a first claim needs no reset of the count of claims
    this.progressed = state.claim().claims() <= 1;
  }

  /**
   * Notes when the step began, which may have been on another replica.
   *
   * @param leavesTraces whether it has effects outside, which a crash before its record is durable
   *     would repeat
   * @return that time
   */
  Instant begins(Action action, int attemptsSoFar, boolean leavesTraces) {
    outside = leavesTraces;
    @Nullable StepResult before = state.results().get(action.path());
    @Nullable Instant durable =
        before != null && before.status() == StepStatus.RUNNING ? before.startedAt() : null;
    beginIsDurable = durable != null;
    // the database keeps no more than microseconds, and would round
    began = durable != null ? durable : clock.now().truncatedTo(ChronoUnit.MICROS);
    beginChange = state.nextChange();
    return began;
  }

  /** Makes durable when the step began: another replica will know it. */
  void beginsDurably(Action action, int attemptsSoFar) throws LeaseLost {
    if (!beginIsDurable) {
      append(running(action, attemptsSoFar, null, null, null, NEVER), List.of(), null, false);
      awaitDurable();
      beginIsDurable = true;
    }
  }

  /**
   * Records attempts as they begin, lazily: one that ends at once costs nothing more. No attempt
   * begins before the one before it is known to have failed, so that a crash hides one at most.
   */
  StepRunner.Observer observer(Action action, Masking masking) {
    return new StepRunner.Observer() {
      @Override
      public void started(int attempt) throws LeaseLost {
        awaitDurable();
        note(running(action, attempt, null, null, null, NEVER));
      }

      @Override
      public void backsOff(int attempt, ActionFailure failure, Duration delay) {
        ObjectNode error =
            Json.object()
                .put("code", failure.code())
                .put("message", masking.of(String.valueOf(failure.getMessage())));
        JournalEntry entry =
            entry(
                List.of(running(action, attempt, null, error, Pause.BACKOFF, new After(delay))),
                List.of(),
                null,
                false,
                true);
        journal.append(entry);
        last = entry.written();
      }
    };
  }

  boolean completed(Action action, int attempts, @Nullable JsonNode output) throws LeaseLost {
    return completed(action, attempts, output, List.of());
  }

  boolean completed(Action action, int attempts, @Nullable JsonNode output, List<Effect> effects)
      throws LeaseLost {
    ended(action, StepStatus.COMPLETED, attempts, output, null, effects);
    return true;
  }

  boolean failed(Action action, int attempts, JsonNode error) throws LeaseLost {
    ended(action, StepStatus.FAILED, attempts, null, error, List.of());
    return true;
  }

  boolean skipped(List<Action> actions) {
    for (Action action : actions) {
      Step step =
          new Step(
              action.path(),
              action.index(),
              StepStatus.SKIPPED,
              0,
              state.nextChange(),
              null,
              null,
              null,
              clock.now(),
              null,
              NEVER);
      append(step, List.of(), null, true);
      state.put(action, StepResult.ended(StepStatus.SKIPPED, 0, null, null));
    }
    return true;
  }

  private void ended(
      Action action,
      StepStatus status,
      int attempts,
      @Nullable JsonNode output,
      @Nullable JsonNode error,
      List<Effect> effects) {
    @Nullable StepResult before = state.results().get(action.path());
    Instant start = before != null && before.startedAt() != null ? before.startedAt() : began;
    Step step =
        new Step(
            action.path(),
            action.index(),
            status,
            attempts,
            state.nextChange(),
            output,
            error,
            start,
            clock.now(),
            null,
            NEVER);
    append(step, entries(action, effects), null, !outside);
    state.put(action, StepResult.ended(status, attempts, output, error));
  }

  /** The step is done at a time; until then nothing holds a thread. */
  boolean sleeps(Action action, int attempts, @Nullable JsonNode output, Due due) throws LeaseLost {
    append(
        running(action, attempts, output, null, Pause.TIMER, due),
        List.of(),
        new Release(due, state.change()),
        false);
    awaitDurable();
    return false;
  }

  /** The step is done when somebody says so. */
  boolean awaitsSignal(Action action, int attempts, List<Effect> effects) throws LeaseLost {
    append(
        running(action, attempts, null, null, Pause.SIGNAL, NEVER),
        entries(action, effects),
        new Release(new OnSignal(action.path()), state.change()),
        false);
    awaitDurable();
    return false;
  }

  /** The next attempt comes after a delay; until then nothing holds a thread. */
  boolean backedOff(Action action, int attempts, JsonNode error, Duration delay) throws LeaseLost {
    After due = new After(delay);
    append(
        running(action, attempts, null, error, Pause.BACKOFF, due),
        List.of(),
        new Release(due, state.change()),
        false);
    awaitDurable();
    return false;
  }

  /** Nothing happened, and nothing is to be done before {@code due}. */
  boolean released(Due due) throws LeaseLost {
    append(List.of(), List.of(), new Release(due, state.change()), false);
    awaitDurable();
    return false;
  }

  boolean finished(ExecutionStatus status, @Nullable JsonNode error) throws LeaseLost {
    append(
        List.of(),
        List.of(),
        new Finish(
            status,
            error,
            state.count(StepStatus.COMPLETED),
            state.count(StepStatus.FAILED),
            state.count(StepStatus.SKIPPED),
            state.change()),
        false);
    awaitDurable();
    return false;
  }

  /**
   * Waits until everything that was recorded is durable.
   *
   * @throws LeaseLost when it was dropped
   */
  void awaitDurable() throws LeaseLost {
    if (last == null) {
      return;
    }
    if (!last.isDone()) {
      journal.hurry();
    }
    try {
      if (!last.join()) {
        throw new LeaseLost();
      }
    } catch (CompletionException e) {
      throw new IllegalStateException("the journal refused a record", e.getCause());
    }
  }

  private Step running(
      Action action,
      int attempts,
      @Nullable JsonNode output,
      @Nullable JsonNode error,
      @Nullable Pause pause,
      Due resume) {
    return new Step(
        action.path(),
        action.index(),
        StepStatus.RUNNING,
        attempts,
        beginChange,
        output,
        error,
        began,
        null,
        pause,
        resume);
  }

  private List<EffectStore.Entry> entries(Action action, List<Effect> effects) {
    return effects.stream()
        .map(effect ->
            new EffectStore.Entry(
                state.claim().workspaceId(), state.claim().executionId(), action.path(), effect))
        .toList();
  }

  private void append(
      Step step, List<EffectStore.Entry> effects, @Nullable Ending ending, boolean lazy) {
    append(List.of(step), effects, ending, lazy);
  }

  private void append(
      List<Step> steps, List<EffectStore.Entry> effects, @Nullable Ending ending, boolean lazy) {
    boolean firstProgress = !progressed && ending == null;
    progressed |= firstProgress;
    JournalEntry entry = entry(steps, effects, ending, firstProgress, lazy);
    journal.append(entry);
    last = entry.written();
  }

  /** Records what nobody waits for, and what is no progress. */
  private void note(Step step) {
    journal.note(entry(List.of(step), List.of(), null, false, true));
  }

  private JournalEntry entry(
      List<Step> steps,
      List<EffectStore.Entry> effects,
      @Nullable Ending ending,
      boolean firstProgress,
      boolean lazy) {
    return new JournalEntry(
        state.claim().executionId(),
        state.claim().token(),
        state.claim().workspaceId(),
        steps,
        effects,
        Optional.ofNullable(ending),
        firstProgress,
        steps.stream().mapToLong(step -> Json.weight(step.output())).sum(),
        lazy,
        System.nanoTime(),
        new CompletableFuture<>());
  }
}
