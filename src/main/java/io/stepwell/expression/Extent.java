package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How large a value is when written out, and how deeply it nests, packed into one long.
 *
 * <p>The weight is roughly the characters of the value's JSON text. Values share their parts, so it
 * can be far beyond the memory that they take.
 */
final class Extent {
  /** The extent of a number, a boolean, null or a function. */
  static final long SCALAR = 8L << 8;

  private static final int MAX_HEIGHT = 0xff;
  private static final long MAX_WEIGHT = 1L << 48;

  private Extent() {}

  static long weight(long extent) {
    return extent >>> 8;
  }

  static int height(long extent) {
    return (int) (extent & MAX_HEIGHT);
  }

  static long ofText(int length) {
    return (length + 8L) << 8;
  }

  /** A container of {@code weight} whose deepest part has {@code height}. */
  static long container(long weight, int height) {
    return Math.min(weight + 8, MAX_WEIGHT) << 8 | Math.min(height + 1, MAX_HEIGHT);
  }

  static long of(JsonNode node) {
    if (node.isTextual()) {
      return ofText(node.textValue().length());
    }
    if (node instanceof Deferred deferred) {
      return container(deferred.length(), 0);
    }
    if (!node.isContainerNode()) {
      return SCALAR;
    }
    long weight = 0;
    int height = 0;
    for (JsonNode child : node) {
      long extent = of(child);
      weight += weight(extent);
      height = Math.max(height, height(extent));
    }
    if (node.isObject()) {
      for (var member : node.properties()) {
        weight += member.getKey().length() + 8L;
      }
    }
    return container(weight, height);
  }
}
