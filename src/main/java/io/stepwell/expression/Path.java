package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A bare dotted path of plain names, found in the tree without the JSONata library and with the
 * same result.
 */
record Path(List<String> names) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Names that mean something else to JSONata, at least in some places. */
  private static final Set<String> WORDS =
      Set.of("and", "or", "in", "true", "false", "null", "function");

  static Optional<Path> parse(String source) {
    List<String> names = List.of(source.split("\\.", -1));
    return names.stream().allMatch(Path::isPlain) ? Optional.of(new Path(names)) : Optional.empty();
  }

  private static boolean isPlain(String name) {
    return NAME.matcher(name).matches() && !WORDS.contains(name);
  }

  /**
   * The value at this path, a missing node when there is none, and empty when an array on the way
   * makes it a query that only JSONata can answer.
   */
  Optional<JsonNode> find(Scope scope) {
    if (names.getFirst().equals(Scope.SECRETS)) {
      return Optional.of(secret(scope));
    }
    JsonNode at = scope.names();
    for (String name : names) {
      if (at.isArray()) {
        return Optional.empty();
      }
      at =
          at instanceof ObjectNode object
              ? scope.fetch(object.path(name))
              : MissingNode.getInstance();
    }
    return Optional.of(scope.resolved(at));
  }

  private JsonNode secret(Scope scope) {
    if (names.size() == 1) {
      return JsonNodeFactory.instance.objectNode();
    }
    Optional<String> value = scope.secret(names.get(1));
    return names.size() == 2 && value.isPresent()
        ? TextNode.valueOf(value.get())
        : MissingNode.getInstance();
  }
}
