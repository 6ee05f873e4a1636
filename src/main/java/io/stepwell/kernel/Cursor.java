package io.stepwell.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/**
 * Writes and reads the opaque place in a list.
 *
 * <p>A cursor carries a checksum bound to its list, so that a mangled one is refused. It is no
 * secret: it grants nothing that the caller could not list anyway.
 */
final class Cursor {
  private static final int CHECK_BYTES = 8;

  private Cursor() {}

  static String write(String list, UUID last) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + CHECK_BYTES);
    bytes.putLong(last.getMostSignificantBits()).putLong(last.getLeastSignificantBits());
    bytes.put(check(list, Arrays.copyOf(bytes.array(), 16)));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  static UUID read(String list, String cursor) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      if (bytes.length == 16 + CHECK_BYTES
          && Arrays.equals(
              check(list, Arrays.copyOf(bytes, 16)), Arrays.copyOfRange(bytes, 16, bytes.length))) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one refusal
    }
    throw Failure.malformed("invalid_cursor", "The cursor is not one that this list gave out.");
  }

  private static byte[] check(String list, byte[] id) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(list.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(digest.digest(id), CHECK_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
