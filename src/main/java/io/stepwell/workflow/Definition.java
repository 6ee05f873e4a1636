package io.stepwell.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parsed content of one workflow version. Immutable, thread-safe.
 *
 * @param actions the top-level list
 * @param triggerSchema what trigger data must satisfy, if anything
 * @param unsupported what this release does not understand outside of single actions, {@code null}
 *     when it does
 */
public record Definition(
    List<Action> actions, @Nullable TriggerSchema triggerSchema, @Nullable String unsupported) {

  /** A definition that this release understands. */
  public Definition(List<Action> actions, @Nullable TriggerSchema triggerSchema) {
    this(actions, triggerSchema, null);
  }

  /** Every action, those in branches included, in depth-first order: {@code index} order. */
  public List<Action> allActions() {
    List<Action> all = new ArrayList<>();
    collect(actions, all);
    return all;
  }

  private static void collect(List<Action> actions, List<Action> into) {
    for (Action action : actions) {
      into.add(action);
      Stream.of(action.then(), action.otherwise()).forEach(branch -> collect(branch, into));
    }
  }
}
