package io.stepwell.kernel;

/** How much of the heap a JSON text takes once it is parsed, by estimate and before it is. */
public final class JsonSize {
  // with compressed references, and a little more: a value, an array, an object, a member
  private static final int SCALAR = 64;
  private static final int ARRAY = 168;
  private static final int OBJECT = 224;
  private static final int MEMBER = 48;

  private JsonSize() {}

  /** Of UTF-8; what is not JSON counts as if it were. */
  public static long ofTree(byte[] json) {
    long bytes = SCALAR + 2L * json.length;
    boolean quoted = false;
    for (int i = 0; i < json.length; i++) {
      byte c = json[i];
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
        case '{' -> bytes += OBJECT;
        case '[' -> bytes += ARRAY;
        case ',' -> bytes += SCALAR;
        case ':' -> bytes += MEMBER;
        default -> {}
      }
    }
    return bytes;
  }
}
