package io.stepwell.http;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.JsonSize;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;

/** Reads request bodies up to the limit, whether or not their length was announced. */
@ApplicationScoped
class BoundedBody {
  // up to here a body is read without asking
  static final int SMALL = 64 << 10;

  /** The bytes, their copy while it grows, and the text that is parsed. */
  static final int READING = 3;

  private final HttpConfig config;
  private final BodyMemory memory;

  BoundedBody(HttpConfig config, BodyMemory memory) {
    this.config = config;
    this.memory = memory;
  }

  /**
   * The whole body.
   *
   * <p>The rest of a longer one is read and dropped, within bounds: a sender that is cut off while
   * it sends would see a reset and never the answer.
   *
   * @param announced its length, or 0 where that is not known
   * @throws Failure of kind TOO_LARGE when it is over the limit, LIMITED when there is no memory
   *     for it, or for the tree of its JSON
   */
  byte[] read(InputStream body, long announced, ServerHttpResponse response) throws IOException {
    int limit = config.maxBodyBytes();
    byte[] bytes = bytes(body, announced, limit);
    if (bytes.length <= limit) {
      if (bytes.length > SMALL) {
        memory.takeUpTo(bytes.length + JsonSize.ofTree(bytes));
      }
      return bytes;
    }
    if (!drain(body)) {
      response.setResponseHeader("Connection", "close");
    }
    throw Failure.of(
        Failure.Kind.TOO_LARGE,
        HttpStatus.TOO_LARGE.defaultCode(),
        "The body has more than " + limit + " bytes.");
  }

  private byte[] bytes(InputStream body, long announced, int limit) throws IOException {
    byte[] first = body.readNBytes(Math.min(limit, SMALL) + 1);
    if (first.length <= SMALL) {
      return first;
    }
    int expected = announced > first.length && announced <= limit ? (int) announced : limit + 1;
    memory.takeUpTo((long) READING * expected);
    byte[] all = Arrays.copyOf(first, expected);
    int length = first.length + body.readNBytes(all, first.length, expected - first.length);
    return length == expected ? all : Arrays.copyOf(all, length);
  }

  private boolean drain(InputStream body) throws IOException {
    byte[] buffer = new byte[8192];
    int left = config.drainBytes();
    while (left > 0) {
      int read = body.read(buffer);
      if (read < 0) {
        return true;
      }
      left -= read;
    }
    return false;
  }
}
