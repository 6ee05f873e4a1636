package io.stepwell.workflow;

import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.Expression;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One action of a workflow version, parsed and ready to run.
 *
 * @param index its place in the depth-first order of all actions, from 0
 * @param path its place in the nested lists, such as {@code 2.then.0}
 * @param name unique in the workflow
 * @param when the step is SKIPPED unless this is true
 * @param then what runs when a condition is true; with both lists empty and no {@code branches} a
 *     condition is a gate
 * @param otherwise what runs when it is false ({@code else})
 * @param branches whether {@code then} or {@code else} was given at all
 * @param unsupported what this release does not understand in it, {@code null} when it does
 */
public record Action(
    int index,
    String path,
    String name,
    String type,
    ConfigTemplate config,
    OnError onError,
    RetryPolicy retry,
    Duration timeout,
    @Nullable Expression when,
    List<Action> then,
    List<Action> otherwise,
    boolean branches,
    @Nullable String unsupported) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  /** The type whose actions may have branches. */
  public static final String CONDITION = "condition";
}
