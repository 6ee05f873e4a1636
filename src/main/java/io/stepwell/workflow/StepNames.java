package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.JsonInput;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Gives every action of one definition its unique name.
 *
 * <p>An action without a name is called {@code <type>_<n>}, n being its place among the actions of
 * its type from 1. Where an action was given that very name, n grows until the name is free, so a
 * generated name never takes one that somebody wrote. Not thread-safe.
 */
final class StepNames {
  static final int MAX_LENGTH = 64;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  private final Set<String> written = new HashSet<>();
  private final Set<String> given = new HashSet<>();
  private final Map<String, Integer> appearances = new HashMap<>();

  /**
   * @param actions the whole list as it came: a name written further down is taken, too
   */
  StepNames(JsonNode actions) {
    collect(actions, 1);
  }

  private void collect(JsonNode actions, int nesting) {
    if (!actions.isArray() || nesting > ActionReader.MAX_NESTING) {
      return;
    }
    for (JsonNode action : actions) {
      if (action.path("name").isTextual()) {
        written.add(action.get("name").textValue());
      }
      collect(action.path("then"), nesting + 1);
      collect(action.path("else"), nesting + 1);
    }
  }

  /**
   * The name of the next action in depth-first order; one that is no name or taken is a problem.
   */
  String next(JsonInput action, String type) {
    int appearance = appearances.merge(type, 1, Integer::sum);
    return action
        .text(
            "name",
            MAX_LENGTH,
            name -> NAME.matcher(name).matches(),
            "does not match ^" + NAME + "$")
        .map(name -> claim(action, name))
        .orElseGet(() -> generate(type, appearance));
  }

  private String claim(JsonInput action, String name) {
    if (!given.add(name)) {
      action.reject("name", "is already the name of an earlier action");
    }
    return name;
  }

  private String generate(String type, int appearance) {
    int n = appearance;
    String name = type + "_" + n;
    while (written.contains(name) || !given.add(name)) {
      n++;
      name = type + "_" + n;
    }
    return name;
  }
}
