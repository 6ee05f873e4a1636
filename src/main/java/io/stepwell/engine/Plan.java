package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.execution.StepStatus;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.Definition;
import io.stepwell.workflow.OnError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an execution needs next: a pure function of its definition, the results so far and
 * the time.
 *
 * <p>It always walks from the beginning; there is no position to lose. Nested lists are walked the
 * same way.
 */
final class Plan {
  private final Map<String, StepResult> results;
  private final Instant now;

  private Plan(Map<String, StepResult> results, Instant now) {
    this.results = results;
    this.now = now;
  }

  /**
   * @param results by path
   * @param now by the database's clock
   */
  static Next next(Definition definition, Map<String, StepResult> results, Instant now) {
    return new Plan(results, now).walk(definition.actions()).orElseGet(() -> new Next.Finish(null));
  }

  /** What the list still needs; empty when it is done. */
  private Optional<Next> walk(List<Action> actions) {
    for (int i = 0; i < actions.size(); i++) {
      Action action = actions.get(i);
      @Nullable StepResult result = results.get(action.path());
      if (result == null) {
        return Optional.of(new Next.Run(action, 0));
      }
      Optional<Next> next =
          switch (result.status()) {
            case PENDING, CANCELLED -> Optional.of(new Next.Run(action, 0));
            case RUNNING -> Optional.of(running(action, result));
            case COMPLETED -> completed(action, result, actions.subList(i + 1, actions.size()));
            case SKIPPED -> skip(branches(action));
            case FAILED ->
                action.onError() == OnError.CONTINUE
                    ? skip(branches(action))
                    : Optional.of(new Next.Finish(action));
          };
      if (next.isPresent()) {
        return next;
      }
    }
    return Optional.empty();
  }

  private Next running(Action action, StepResult result) {
    @Nullable Pause pause = result.pause();
    @Nullable Instant resumeAt = result.resumeAt();
    if (pause == null) {
      // its attempt was cut short: by a crash, a drain, or a lost lease
      return new Next.Run(action, result.attempts());
    }
    if (resumeAt != null && resumeAt.isAfter(now)) {
      return new Next.Sleep(action, resumeAt);
    }
    return switch (pause) {
      case BACKOFF -> new Next.Run(action, result.attempts());
      case TIMER -> new Next.Complete(action, result.output());
      case SIGNAL -> signalled(action, result.signal());
    };
  }

  private static Next signalled(Action action, @Nullable JsonNode signal) {
    if (signal == null) {
      return new Next.AwaitSignal(action);
    }
    return signal.has("error")
        ? new Next.Fail(action, signal.get("error"))
        : new Next.Complete(action, signal.get("output"));
  }

  private Optional<Next> completed(Action action, StepResult result, List<Action> rest) {
    if (!action.type().equals(Action.CONDITION)) {
      return Optional.empty();
    }
    boolean holds = result.output() != null && result.output().path("result").asBoolean();
    if (!action.branches()) {
      return holds ? Optional.empty() : skip(rest);
    }
    Optional<Next> other = skip(holds ? action.otherwise() : action.then());
    return other.isPresent() ? other : walk(holds ? action.then() : action.otherwise());
  }

  /** Every action in the lists that has no result yet, those nested in them included. */
  private Optional<Next> skip(List<Action> actions) {
    List<Action> open = new ArrayList<>();
    for (Action action : new Definition(actions, null).allActions()) {
      @Nullable StepResult result = results.get(action.path());
      if (result == null || result.status() == StepStatus.PENDING) {
        open.add(action);
      }
    }
    return open.isEmpty() ? Optional.empty() : Optional.of(new Next.Skip(open));
  }

  private static List<Action> branches(Action action) {
    List<Action> branches = new ArrayList<>(action.then());
    branches.addAll(action.otherwise());
    return branches;
  }
}
