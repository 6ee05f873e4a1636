package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** How large JSON is: as text, and, by estimate, as a tree on the heap. */
final class Footprint {
  // objects with compressed references: a node and what it holds
  private static final int SCALAR = 64;
  private static final int ARRAY = 104;
  private static final int OBJECT = 160;
  private static final int MEMBER = 48;

  private Footprint() {}

  /** The bytes of its text in UTF-8, which is not made. */
  static int ofText(@Nullable JsonNode tree) {
    if (tree == null) {
      return 0;
    }
    Counting counting = new Counting();
    try {
      Json.mapper().writeValue(counting, tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (int) Math.min(Integer.MAX_VALUE, counting.bytes);
  }

  /** The bytes that it takes on the heap. */
  static long ofTree(@Nullable JsonNode tree) {
    if (tree == null) {
      return 0;
    }
    if (tree.isTextual()) {
      return SCALAR + 2L * tree.textValue().length();
    }
    long bytes = tree.isObject() ? OBJECT : tree.isArray() ? ARRAY : SCALAR;
    if (tree.isObject()) {
      for (var member : tree.properties()) {
        bytes += MEMBER + member.getKey().length() + ofTree(member.getValue());
      }
    } else {
      for (JsonNode element : tree) {
        bytes += ofTree(element);
      }
    }
    return bytes;
  }

  /** What {@link #ofTree} will say of the tree of this text, or a little more. */
  static long ofTreeOf(String json) {
    long bytes = SCALAR + 2L * json.length();
    boolean quoted = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
        continue;
      }
      switch (c) {
        case '"' -> quoted = true;
        case '{' -> bytes += OBJECT + SCALAR;
        case '[' -> bytes += ARRAY + SCALAR;
        case ',' -> bytes += SCALAR;
        case ':' -> bytes += MEMBER;
        default -> {}
      }
    }
    return bytes;
  }

  private static final class Counting extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] b, int off, int len) {
      bytes += len;
    }
  }
}
