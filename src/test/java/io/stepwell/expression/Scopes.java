package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.util.Map;
import java.util.Optional;

/** Scopes and JSON for tests; single quotes stand for double ones. */
final class Scopes {
  static final String NAMES =
      """
      {'trigger': {'name': 'Ada', 'count': 3, 'price': 19.90, 'big': 9007199254740993,
                   'huge': 123456789012345678901234567890, 'tiny': 0.1000000000000000055511151231257827,
                   'flag': true, 'none': null, 'empty': '', 'emoji': 'a\\uD83D\\uDE00b',
                   'tags': ['x', 'y'], 'no': [], 'one': [7], 'nested': {'a': {'b': 'deep'}},
                   'items': [{'sku': 'p', 'qty': 2, 'cost': 1.5}, {'sku': 'q', 'qty': 1, 'cost': 4}],
                   'rows': [[1, 2], [3], []]},
       'steps': {'greet': {'status': 'COMPLETED', 'output': {'id': 7}}},
       'user': {'id': 'user_123'}}
      """;

  private Scopes() {}

  static JsonNode json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  static Scope scope() {
    return over(NAMES);
  }

  static Scope over(String names) {
    return Scope.of((ObjectNode) json(names), name -> Optional.empty());
  }

  static Scope withSecrets(Map<String, String> secrets) {
    return Scope.of((ObjectNode) json(NAMES), name -> Optional.ofNullable(secrets.get(name)));
  }

  static JsonNode evaluate(String expression) {
    return Expression.parse(expression).evaluate(scope());
  }
}
