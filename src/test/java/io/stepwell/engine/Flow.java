package io.stepwell.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.OnError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/** An action of a generated workflow; what a condition says is fixed by its definition. */
sealed interface Flow {
  /** How often a step with {@code onError: retry} is repeated. */
  int RETRIES = 2;

  /** Minutes before the first retry; each further one waits five times as long. */
  int BACKOFF = 60;

  /** What an expression of the definition gives. */
  enum Verdict {
    TRUE("true"),
    FALSE("false"),
    BROKEN("1 + \"a\"");

    final String expression;

    Verdict(String expression) {
      this.expression = expression;
    }
  }

  /** Whether it runs at all. */
  Verdict when();

  OnError onError();

  /**
   * A step whose attempts the test answers.
   *
   * @param outside whether its attempts have an effect outside, and so are recorded as they begin
   * @param patient whether its backoff is longer than a slot is held for
   */
  record Work(boolean outside, boolean patient, Verdict when, OnError onError) implements Flow {}

  /**
   * A step that decides.
   *
   * @param branches false makes it a gate
   */
  record Condition(
      Verdict verdict,
      boolean branches,
      List<Flow> then,
      List<Flow> otherwise,
      Verdict when,
      OnError onError)
      implements Flow {}

  /**
   * A flow in its place.
   *
   * @param then every path in its first list, the nested ones too
   * @param rest every path behind it in its own list, the nested ones too
   */
  record Placed(
      String path, Flow flow, List<String> then, List<String> otherwise, List<String> rest) {
    String name() {
      return nameOf(path);
    }
  }

  private static String nameOf(String path) {
    return "s" + path.replace('.', '_');
  }

  /** Every flow by its path, in depth-first order. */
  static Map<String, Placed> layout(List<Flow> flows) {
    Map<String, Placed> all = new LinkedHashMap<>();
    place(flows, "", all);
    return all;
  }

  private static List<String> place(List<Flow> flows, String prefix, Map<String, Placed> all) {
    List<String> paths = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < flows.size(); i++) {
      String path = prefix + i;
      Flow flow = flows.get(i);
      all.put(path, new Placed(path, flow, List.of(), List.of(), List.of()));
      List<String> then = List.of();
      List<String> otherwise = List.of();
      if (flow instanceof Condition condition) {
        then = place(condition.then(), path + ".then.", all);
        otherwise = place(condition.otherwise(), path + ".else.", all);
      }
      all.put(path, new Placed(path, flow, then, otherwise, List.of()));
      paths.add(path);
      paths.addAll(then);
      paths.addAll(otherwise);
      ends.add(paths.size());
    }
    for (int i = 0; i < flows.size(); i++) {
      Placed placed = all.get(prefix + i);
      all.put(
          placed.path(),
          new Placed(
              placed.path(),
              placed.flow(),
              placed.then(),
              placed.otherwise(),
              List.copyOf(paths.subList(ends.get(i), paths.size()))));
    }
    return paths;
  }

  /** As a definition spells them. */
  static ArrayNode json(List<Flow> flows) {
    return json(flows, "");
  }

  private static ArrayNode json(List<Flow> flows, String prefix) {
    ArrayNode actions = Json.array();
    for (int i = 0; i < flows.size(); i++) {
      actions.add(flows.get(i).json(prefix + i));
    }
    return actions;
  }

  private ObjectNode json(String path) {
    ObjectNode action =
        Json.object().put("name", nameOf(path)).put("onError", onError().spelling());
    if (when() != Verdict.TRUE) {
      action.put("when", when().expression);
    }
    switch (this) {
      case Work work -> {
        action.put("type", work.outside() ? "scripted" : "scripted_inside");
        action.put("timeout", 3_600_000);
        if (work.onError() == OnError.RETRY) {
          action
              .putObject("retry")
              .put("maxRetries", RETRIES)
              .put("delayMs", work.patient() ? BACKOFF * 60_000 : 0)
              .put("factor", 5)
              .put("maxDelayMs", 86_400_000)
              .put("jitter", false);
        }
      }
      case Condition condition -> {
        action.put("type", "condition");
        action.putObject("config").put("expression", condition.verdict().expression);
        if (condition.branches()) {
          action.set("then", json(condition.then(), path + ".then."));
          action.set("else", json(condition.otherwise(), path + ".else."));
        }
      }
    }
    return action;
  }

  /** Lists of flows with lists in them. */
  static Arbitrary<List<Flow>> lists() {
    return lists(2, 1, 5);
  }

  private static Arbitrary<List<Flow>> lists(int nesting, int least, int most) {
    Arbitrary<Flow> flows =
        nesting == 0
            ? works()
            : Arbitraries.frequencyOf(
                Tuple.of(4, works()), Tuple.of(1, gates()), Tuple.of(1, branches(nesting - 1)));
    return flows
        .list()
        .ofMinSize(least)
        .ofMaxSize(most)
        .withSizeDistribution(RandomDistribution.uniform());
  }

  private static Arbitrary<Verdict> mostly() {
    return Arbitraries.frequency(
        Tuple.of(8, Verdict.TRUE), Tuple.of(1, Verdict.FALSE), Tuple.of(1, Verdict.BROKEN));
  }

  private static Arbitrary<Flow> works() {
    return Combinators.combine(
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            mostly(),
            Arbitraries.of(OnError.class))
        .as(Work::new);
  }

  private static Arbitrary<Flow> gates() {
    return Combinators.combine(
            Arbitraries.of(Verdict.class), mostly(), Arbitraries.of(OnError.class))
        .as((verdict, when, onError) ->
            new Condition(verdict, false, List.of(), List.of(), when, onError));
  }

  private static Arbitrary<Flow> branches(int nesting) {
    return Combinators.combine(
            Arbitraries.of(Verdict.class),
            lists(nesting, 0, 2),
            lists(nesting, 0, 2),
            mostly(),
            Arbitraries.of(OnError.class))
        .as((verdict, then, otherwise, when, onError) ->
            new Condition(verdict, true, then, otherwise, when, onError));
  }
}
