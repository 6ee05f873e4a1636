package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.Tries;
import io.stepwell.engine.Flow.Condition;
import io.stepwell.engine.Flow.Placed;
import io.stepwell.engine.Flow.Verdict;
import io.stepwell.engine.Reference.Step;
import io.stepwell.execution.StepStatus;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.Action;
import io.stepwell.workflow.Definition;
import io.stepwell.workflow.RetryPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.junit.jupiter.api.Test;

/** The plan of any workflow is the one of the reference, whatever happens on the way. */
class PlanModelTest {
  private static final int TRIES = Tries.of(3_000, 10_000);
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  /** What becomes of a step that the plan gives out. */
  private enum Fate {
    COMPLETED,
    FAILED,
    SKIPPED,
    CUT_SHORT,
    SLEEPS,
    SLEPT,
    BACKS_OFF,
    BACKED_OFF,
    AWAITS_SIGNAL,
    SIGNALLED,
    SIGNALLED_BADLY
  }

  private record Case(List<Flow> flows, List<Fate> fates) {}

  private static Arbitrary<Case> cases() {
    return Combinators.combine(
            Flow.lists(), Arbitraries.of(Fate.class).list().ofMinSize(1).ofMaxSize(12))
        .as(Case::new);
  }

  @Test
  void the_plan_is_the_one_of_the_reference() {
    AnyCase.holds(cases(), TRIES, c -> new Walk(c.flows()).along(c.fates()));
  }

  private static List<Action> actions(List<Flow> flows, String prefix) {
    List<Action> actions = new ArrayList<>();
    for (int i = 0; i < flows.size(); i++) {
      Flow flow = flows.get(i);
      String path = prefix + i;
      boolean branches = flow instanceof Condition condition && condition.branches();
      actions.add(
          new Action(
              0,
              path,
              "at_" + path.replace('.', '_'),
              flow instanceof Condition ? Action.CONDITION : "scripted",
              scope -> Json.object(),
              flow.onError(),
              RetryPolicy.DEFAULT,
              Action.DEFAULT_TIMEOUT,
              null,
              flow instanceof Condition c ? actions(c.then(), path + ".then.") : List.of(),
              flow instanceof Condition c ? actions(c.otherwise(), path + ".else.") : List.of(),
              branches,
              null));
    }
    return actions;
  }

  /** One way through a workflow, taken by the plan and by the reference together. */
  private static final class Walk {
    private final Definition definition;
    private final Reference reference;
    private final Map<String, StepResult> results = new HashMap<>();
    private final Map<String, Step> steps = new HashMap<>();

    Walk(List<Flow> flows) {
      this.definition = new Definition(actions(flows, ""), null);
      this.reference = new Reference(flows);
    }

    void along(List<Fate> fates) {
      Iterator<Fate> left = List.<Fate>of().iterator();
      int turns = 0;
      while (true) {
        assertThat(turns++).as("turns until the end").isLessThan(200);
        Placed expected = reference.next(steps);
        Next next = Plan.next(definition, results, NOW);
        if (expected == null) {
          assertThat(next).isEqualTo(new Next.Finish(null));
          return;
        }
        Step step = steps.get(expected.path());
        if (step != null && step.hasEnded()) {
          assertThat(((Next.Finish) next).failed().path()).isEqualTo(expected.path());
          return;
        }
        if (!left.hasNext()) {
          left = turns < 100 ? fates.iterator() : List.of(Fate.COMPLETED).iterator();
        }
        agree(next, expected, step);
        befall(expected, step == null ? 0 : step.attempts(), left.next());
      }
    }

    private static void agree(Next next, Placed expected, Step step) {
      String path = expected.path();
      if (step == null || step.pause() == null) {
        assertThat(next).isInstanceOf(Next.Run.class);
        assertThat(((Next.Run) next).action().path()).isEqualTo(path);
        assertThat(((Next.Run) next).attemptsSoFar()).isEqualTo(step == null ? 0 : step.attempts());
      } else if (step.pause() != Pause.SIGNAL && step.resumeAt() > 0) {
        assertThat(((Next.Sleep) next).action().path()).isEqualTo(path);
        assertThat(((Next.Sleep) next).until()).isEqualTo(NOW.plusSeconds(step.resumeAt()));
      } else {
        switch (step.pause()) {
          case BACKOFF -> assertThat(((Next.Run) next).attemptsSoFar()).isEqualTo(step.attempts());
          case TIMER -> assertThat(((Next.Complete) next).action().path()).isEqualTo(path);
          case SIGNAL -> {
            if (step.signal() == null) {
              assertThat(((Next.AwaitSignal) next).action().path()).isEqualTo(path);
            } else if (step.signal()) {
              assertThat(((Next.Complete) next).action().path()).isEqualTo(path);
            } else {
              assertThat(((Next.Fail) next).action().path()).isEqualTo(path);
            }
          }
        }
      }
    }

    private void befall(Placed placed, int attempts, Fate fate) {
      switch (fate) {
        case COMPLETED -> end(placed, StepStatus.COMPLETED, attempts + 1);
        case FAILED -> end(placed, StepStatus.FAILED, attempts + 1);
        case SKIPPED -> end(placed, StepStatus.SKIPPED, 0);
        case CUT_SHORT -> pause(placed, attempts + 1, null, Reference.NEVER, null);
        case SLEEPS -> pause(placed, attempts + 1, Pause.TIMER, 1, null);
        case SLEPT -> pause(placed, attempts + 1, Pause.TIMER, 0, null);
        case BACKS_OFF -> pause(placed, attempts + 1, Pause.BACKOFF, 1, null);
        case BACKED_OFF -> pause(placed, attempts + 1, Pause.BACKOFF, 0, null);
        case AWAITS_SIGNAL -> pause(placed, attempts + 1, Pause.SIGNAL, Reference.NEVER, null);
        case SIGNALLED -> pause(placed, attempts + 1, Pause.SIGNAL, Reference.NEVER, true);
        case SIGNALLED_BADLY -> pause(placed, attempts + 1, Pause.SIGNAL, Reference.NEVER, false);
      }
    }

    private void pause(Placed placed, int attempts, Pause pause, long resumeAt, Boolean signal) {
      steps.put(placed.path(), new Step(StepStatus.RUNNING, attempts, pause, resumeAt, signal));
      JsonNode said =
          signal == null ? null : Json.object().put(signal ? "output" : "error", "said");
      results.put(
          placed.path(),
          new StepResult(
              StepStatus.RUNNING,
              attempts,
              null,
              0,
              null,
              NOW,
              pause,
              resumeAt == Reference.NEVER ? null : NOW.plusSeconds(resumeAt),
              said));
    }

    private void end(Placed placed, StepStatus status, int attempts) {
      boolean holds =
          placed.flow() instanceof Condition condition && condition.verdict() == Verdict.TRUE;
      JsonNode output = Json.object().put("result", holds);
      results.put(placed.path(), StepResult.ended(status, attempts, output, null));
      steps.put(placed.path(), Step.ended(status, attempts));
      Set<String> skipped = new LinkedHashSet<>(Reference.skipped(placed, status));
      if (!skipped.isEmpty()) {
        Next next = Plan.next(definition, results, NOW);
        assertThat(next).isInstanceOf(Next.Skip.class);
        List<String> paths = ((Next.Skip) next).actions().stream().map(Action::path).toList();
        assertThat(paths).containsExactlyElementsOf(skipped);
      }
      for (String path : skipped) {
        results.put(path, StepResult.ended(StepStatus.SKIPPED, 0, null, null));
        steps.put(path, Step.ended(StepStatus.SKIPPED, 0));
      }
    }
  }
}
