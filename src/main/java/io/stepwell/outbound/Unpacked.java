package io.stepwell.outbound;

import io.stepwell.kernel.Room;
import io.stepwell.outbound.OutboundException.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Undoes the compression of a response, never further than its bound. */
final class Unpacked {
  private static final int PIECE = 8 << 10;

  private Unpacked() {}

  /**
   * The response with the body that was meant; the same response where it was not compressed by
   * gzip or deflate.
   *
   * @throws OutboundException when the body is larger than the bound, or not what its header says
   */
  static OutboundResponse of(OutboundResponse packed, long maxBytes, Room room)
      throws OutboundException, InterruptedException {
    String coding =
        String.join(",", packed.headers().getOrDefault("content-encoding", List.of()))
            .strip()
            .toLowerCase(Locale.ROOT);
    if (packed.body().length == 0
        || !(coding.equals("gzip") || coding.equals("x-gzip") || coding.equals("deflate"))) {
      return packed;
    }
    byte[] body;
    try (InputStream unpacking = stream(coding, packed.body())) {
      body = read(unpacking, maxBytes, room);
    } catch (IOException e) {
      throw new OutboundException(
          Reason.CONNECT_FAILED, "the response is not compressed as its header says", e);
    }
    Map<String, List<String>> headers = new LinkedHashMap<>(packed.headers());
    headers.keySet().removeAll(List.of("content-encoding", "content-length"));
    return new OutboundResponse(packed.status(), headers, body, packed.durationMs());
  }

  private static InputStream stream(String coding, byte[] packed) throws IOException {
    InputStream bytes = new ByteArrayInputStream(packed);
    if (coding.equals("deflate")) {
      // RFC 9110 section 8.4.1.2: some send it without the wrapper of zlib
      Inflater inflater = new Inflater(!isZlib(packed));
      return new InflaterInputStream(bytes, inflater) {
        @Override
        public void close() throws IOException {
          super.close();
          // it ends its own alone
          inflater.end();
        }
      };
    }
    return new GZIPInputStream(bytes);
  }

  // RFC 1950 section 2.2
  private static boolean isZlib(byte[] packed) {
    return packed.length >= 2
        && (packed[0] & 0x0F) == 8
        && ((packed[0] & 0xFF) << 8 | packed[1] & 0xFF) % 31 == 0;
  }

  private static byte[] read(InputStream from, long maxBytes, Room room)
      throws IOException, OutboundException, InterruptedException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    boolean roomTaken = false;
    for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
      if (body.size() + (long) count > maxBytes) {
        throw Exchange.tooLarge(maxBytes);
      }
      body.write(piece, 0, count);
      if (body.size() > OutboundHttpClient.LARGE_BODY && !roomTaken) {
        room.take(maxBytes * Exchange.READING);
        roomTaken = true;
      }
    }
    return body.toByteArray();
  }
}
