package io.stepwell.http;

import io.stepwell.kernel.Failure;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;

/** Reads request bodies up to the limit, whether or not their length was announced. */
@ApplicationScoped
class BoundedBody {
  private final HttpConfig config;

  BoundedBody(HttpConfig config) {
    this.config = config;
  }

  /**
   * The whole body.
   *
   * <p>The rest of a longer one is read and dropped, within bounds: a sender that is cut off while
   * it sends would see a reset and never the answer.
   *
   * @throws Failure of kind TOO_LARGE when it is over the limit
   */
  byte[] read(InputStream body, ServerHttpResponse response) throws IOException {
    int limit = config.maxBodyBytes();
    byte[] bytes = body.readNBytes(limit + 1);
    if (bytes.length <= limit) {
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
