package io.stepwell.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionCatalog;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.RegisteredAction;
import io.stepwell.engine.JournalEntry.At;
import io.stepwell.engine.JournalEntry.OnSignal;
import io.stepwell.execution.ExecutionCancellation;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.TraceParent;
import io.stepwell.kernel.Turns;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.WorkflowVersion;
import io.stepwell.workflow.Workflows;
import io.stepwell.workspace.LimitsConfig;
import io.stepwell.workspace.Secrets;
import io.stepwell.workspace.Workspace;
import io.stepwell.workspace.WorkspaceDirectory;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs one claimed execution on the current virtual thread, step after step, until it is finished,
 * has to wait, or is no longer ours: plan, render, invoke, record.
 */
@ApplicationScoped
class ExecutionRunner {
  private static final Logger LOG = Logger.getLogger(ExecutionRunner.class);

  private final Workflows workflows;
  private final WorkspaceDirectory workspaces;
  private final ExecutionCancellation cancellation;
  private final Secrets secrets;
  private final ActionCatalog catalog;
  private final StepRunner stepRunner;
  private final Turns turns;
  private final Patience patience;
  private final GivingBack givingBack;
  private final Memory memory;
  private final AnswerMemory answers;
  private final OutputStore store;
  private final LimitsConfig limits;
  private final Journal journal;
  private final DatabaseClock clock;
  private final EngineConfig config;
  private final EngineMetrics metrics;
  private final Tracing tracing;

  ExecutionRunner(
      Workflows workflows,
      WorkspaceDirectory workspaces,
      ExecutionCancellation cancellation,
      Secrets secrets,
      ActionCatalog catalog,
      StepRunner stepRunner,
      Turns turns,
      Patience patience,
      GivingBack givingBack,
      Memory memory,
      AnswerMemory answers,
      OutputStore store,
      LimitsConfig limits,
      Journal journal,
      DatabaseClock clock,
      EngineConfig config,
      EngineMetrics metrics,
      Tracing tracing) {
    this.workflows = workflows;
    this.workspaces = workspaces;
    this.cancellation = cancellation;
    this.secrets = secrets;
    this.catalog = catalog;
    this.stepRunner = stepRunner;
    this.turns = turns;
    this.patience = patience;
    this.givingBack = givingBack;
    this.memory = memory;
    this.answers = answers;
    this.store = store;
    this.limits = limits;
    this.journal = journal;
    this.clock = clock;
    this.config = config;
    this.metrics = metrics;
    this.tracing = tracing;
  }

  /**
   * Takes the execution as far as it goes. Throws nothing but errors of the virtual machine: what
   * fails here is claimed again.
   */
  void run(Claim claim, Lease lease) {
    tracing.run(claim, trace -> run(claim, lease, trace));
  }

  private void run(Claim claim, Lease lease, TraceParent trace) {
    @Nullable Run run = null;
    try (Outputs outputs = new Outputs(claim, memory, answers, store)) {
      Optional<Workspace> workspace = workspaces.byId(claim.workspaceId());
      if (workspace.isEmpty()) {
        // accepted, or not yet cancelled, when its workspace was deleted
        cancellation.cancel(claim.workspaceId(), claim.executionId().toString());
        return;
      }
      WorkflowVersion version =
          workflows.version(claim.workspaceId(), claim.workflowId(), claim.workflowVersion());
      outputs.begin();
      RunState state = new RunState(claim, version, workspace.get().slug(), outputs);
      run = new Run(state, outputs, lease, trace);
      run.toTheEnd();
      givingBack.noTrouble();
    } catch (LeaseLost e) {
      lost(claim);
    } catch (RuntimeException | Error e) {
      Trouble.rethrowIfFatal(e);
      if (Trouble.isBehind(e)) {
        giveBack(claim, lease, run, e);
      } else {
        // the lease runs out, the execution is claimed again, and fails as poisoned in the end
        LOG.errorf(e, "execution %s cannot be run now", claim.executionId());
      }
    }
  }

  private void giveBack(Claim claim, Lease lease, @Nullable Run run, Throwable trouble) {
    try {
      if (run != null) {
        // what it did so far must not be fenced off
        run.recorder.awaitDurable();
      }
      givingBack.giveBack(lease, trouble);
    } catch (LeaseLost e) {
      lost(claim);
    } catch (RuntimeException e) {
      LOG.errorf(e, "execution %s cannot be given back", claim.executionId());
    }
  }

  private void lost(Claim claim) {
    LOG.debugf("execution %s is no longer ours", claim.executionId());
    metrics.leaseLost();
  }

  /** One run of one execution. */
  private final class Run {
    private final RunState state;
    private final Outputs outputs;
    private final Lease lease;
    private final TraceParent trace;
    private final StepRecorder recorder;
    private final Endings ends;

    Run(RunState state, Outputs outputs, Lease lease, TraceParent trace) {
      this.state = state;
      this.outputs = outputs;
      this.lease = lease;
      this.trace = trace;
      this.recorder = new StepRecorder(state, journal, clock);
      this.ends = new Endings(state, outputs, recorder, lease, config, limits);
    }

    void toTheEnd() throws LeaseLost {
      if (state.claim().claims() > config.maxClaims()) {
        poisoned();
        return;
      }
      boolean goesOn = true;
      while (goesOn) {
        if (lease.ended()) {
          throw new LeaseLost();
        }
        goesOn =
            switch (plan()) {
              case Next.Run run -> {
                boolean here = step(run.action(), run.attemptsSoFar());
                outputs.forget();
                yield here;
              }
              case Next.Skip skip -> recorder.skipped(skip.actions());
              case Next.Complete done ->
                  recorder.completed(done.action(), state.attempts(done.action()), done.output());
              case Next.Fail fail ->
                  recorder.failed(fail.action(), state.attempts(fail.action()), fail.error());
              case Next.Sleep sleep -> recorder.released(new At(sleep.until()));
              case Next.AwaitSignal wait -> recorder.released(new OnSignal(wait.action().path()));
              case Next.Finish finish -> ends.finish(finish.failed());
            };
      }
    }

    private Next plan() {
      return Plan.next(state.version().definition(), state.results(), clock.now());
    }

    /** Runs a step and says whether the execution goes on here. */
    private boolean step(Action action, int attemptsSoFar) throws LeaseLost {
      @Nullable RegisteredAction registered = catalog.find(action.type()).orElse(null);
      Instant start =
          recorder.begins(
              action, attemptsSoFar, registered != null && registered.handler().hasOutsideEffect());
      @Nullable ActionFailure unsupported = unsupported(action);
      if (unsupported != null) {
        return leaveToOthers(action, attemptsSoFar, unsupported);
      }
      StepInput input = new StepInput(state, action, start, outputs, secrets, turns, lease);
      ObjectNode rendered;
      try {
        if (action.when() != null && attemptsSoFar == 0 && !input.holds(action.when())) {
          return recorder.skipped(List.of(action));
        }
        if (registered == null) {
          return leaveToOthers(
              action,
              attemptsSoFar,
              ActionFailure.permanent(
                  "unknown_action_type", "There is no action type " + action.type() + " here."));
        }
        rendered = input.render(action, registered);
      } catch (ActionFailure e) {
        return ends.failed(action, attemptsSoFar, input, e);
      }
      return attempt(action, registered.handler(), rendered, attemptsSoFar, input);
    }

    private @Nullable ActionFailure unsupported(Action action) {
      @Nullable String all = state.version().definition().unsupported();
      @Nullable String what = all == null ? action.unsupported() : all;
      return what == null ? null : ActionFailure.permanent("unsupported_definition", what);
    }

    /** Another replica may be of another release, and know how to run it. */
    private boolean leaveToOthers(Action action, int attempts, ActionFailure failure)
        throws LeaseLost {
      Instant since = patience.since(state.results().get(action.path()));
      Duration left = patience.left(since);
      ObjectNode error = error(failure);
      if (left.isZero()) {
        return recorder.failed(action, Math.max(1, attempts), error);
      }
      return recorder.backedOff(
          action, attempts, Patience.noted(error, since), patience.delay(left));
    }

    private boolean attempt(
        Action action,
        ActionHandler handler,
        ObjectNode rendered,
        int attemptsSoFar,
        StepInput input)
        throws LeaseLost {
      if (handler.hasOutsideEffect()) {
        recorder.awaitDurable();
        if (input.tellsTime()) {
          // the other side may have seen it, and every attempt says the same
          recorder.beginsDurably(action, attemptsSoFar);
        }
      }
      ActionContext context =
          new ActionContext(
              state.claim().workspaceId(),
              state.claim().workflowId(),
              state.claim().executionId(),
              action.path(),
              action.name(),
              attemptsSoFar,
              state.claim().triggerData(),
              state.previousStepResults(),
              state.claim().userId(),
              rendered,
              trace,
              outputs.room());
      StepRunner.Observer observer =
          handler.hasOutsideEffect()
              ? recorder.observer(action, input.masking())
              : StepRecorder.IGNORANT;
      return switch (stepRunner.run(action, handler, context, attemptsSoFar, lease, observer)) {
        case StepRunner.Succeeded s -> ends.succeeded(action, s.attempts(), s.result(), input);
        case StepRunner.Failed f -> ends.failed(action, f.attempts(), input, f.failure());
        case StepRunner.BackedOff b ->
            recorder.backedOff(action, b.attempts(), input.error(b.failure()), b.delay());
      };
    }

    /** One bad execution must not take the replicas down one by one. */
    private void poisoned() throws LeaseLost {
      metrics.poisoned();
      @Nullable Action stuck = stuck();
      ends.poisoned(stuck);
    }

    /** The step that it never gets past: one that waits must not stay RUNNING for ever. */
    private @Nullable Action stuck() {
      return switch (plan()) {
        case Next.Run run -> run.action();
        case Next.Complete complete -> complete.action();
        case Next.Fail fail -> fail.action();
        case Next.Sleep sleep -> sleep.action();
        case Next.AwaitSignal wait -> wait.action();
        case Next.Skip skip -> null;
        case Next.Finish finish -> null;
      };
    }
  }

  private static ObjectNode error(ActionFailure failure) {
    return Json.object().put("code", failure.code()).put("message", failure.getMessage());
  }
}
