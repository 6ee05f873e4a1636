package io.stepwell.action.builtin;

import io.stepwell.action.ActionContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The headers of a request that a step sends. */
final class StepHeaders {

  private StepHeaders() {}

  /**
   * The given headers and, where they lack them, those by which the other side knows the step again
   * and finds its trace.
   */
  static Map<String, List<String>> of(ActionContext context, Map<String, String> given) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    given.forEach((name, value) -> headers.put(name, List.of(value)));
    headers.putIfAbsent("Idempotency-Key", List.of(context.idempotencyKey()));
    headers.putIfAbsent("traceparent", List.of(context.trace().header()));
    return headers;
  }
}
