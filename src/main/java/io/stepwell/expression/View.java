package io.stepwell.expression;

import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON container as the JSONata library wants to see it, converted no further than it is read.
 *
 * <p>Cannot be changed through the library. Not thread-safe, as it remembers what it converted.
 */
sealed interface View {

  /** The container itself. */
  JsonNode node();

  /** See {@link Extent}; computed once. */
  long extent();

  /** The library's form of any JSON value; numbers keep all their digits. */
  static Object of(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> new OfObject((ObjectNode) node);
      // the library appends to an empty array that it finds as its context, so each reader has one
      case ARRAY -> node.isEmpty() ? new ArrayList<>() : new OfArray((ArrayNode) node);
      case STRING -> node.textValue();
      case NUMBER -> node.numberValue();
      case BOOLEAN -> node.booleanValue();
      case POJO -> of(Meter.current().fetch(node));
      case NULL, MISSING, BINARY -> Jsonata.NULL_VALUE;
    };
  }

  /** An object, with its members in their order. */
  non-sealed class OfObject extends AbstractMap<String, Object> implements View {
    private final ObjectNode node;
    private final Map<String, Object> known = new HashMap<>();
    private long extent;

    OfObject(ObjectNode node) {
      this.node = node;
    }

    @Override
    public JsonNode node() {
      return node;
    }

    @Override
    public long extent() {
      if (extent == 0) {
        extent = Extent.of(node);
      }
      return extent;
    }

    @Override
    public @Nullable Object get(Object key) {
      Meter.step();
      Object seen = known.get(key);
      if (seen != null) {
        return seen;
      }
      JsonNode value = node.get((String) key);
      if (value == null) {
        return null;
      }
      Object converted = of(value);
      if (!value.isArray() || !value.isEmpty()) {
        known.put((String) key, converted);
      }
      return converted;
    }

    @Override
    public boolean containsKey(Object key) {
      return get(key) != null;
    }

    @Override
    public int size() {
      return node.size();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Entry<String, Object>> iterator() {
          Iterator<String> names = node.fieldNames();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return names.hasNext();
            }

            @Override
            public Entry<String, Object> next() {
              String name = names.next();
              Object value = get(name);
              return Map.entry(name, value == null ? Jsonata.NULL_VALUE : value);
            }
          };
        }

        @Override
        public int size() {
          return node.size();
        }
      };
    }
  }

  /** An array that is not empty. */
  final class OfArray extends AbstractList<Object> implements View, RandomAccess {
    private final ArrayNode node;
    private final @Nullable Object[] known;
    private long extent;

    OfArray(ArrayNode node) {
      this.node = node;
      this.known = new Object[node.size()];
    }

    @Override
    public JsonNode node() {
      return node;
    }

    @Override
    public long extent() {
      if (extent == 0) {
        extent = Extent.of(node);
      }
      return extent;
    }

    @Override
    public Object get(int index) {
      Meter.step();
      Object seen = known[index];
      if (seen != null) {
        return seen;
      }
      JsonNode value = node.get(index);
      Object converted = of(value);
      if (!value.isArray() || !value.isEmpty()) {
        known[index] = converted;
      }
      return converted;
    }

    @Override
    public int size() {
      return node.size();
    }
  }
}
