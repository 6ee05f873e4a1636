package io.stepwell.outbound;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A complete response, whatever its status.
 *
 * @param headers by lower-case name, several values kept in their order
 * @param body unpacked where it was sent compressed by gzip or deflate; then {@code
 *     content-encoding} and {@code content-length} are not among the headers
 * @param durationMs of the whole exchange, with its redirects
 */
public record OutboundResponse(
    int status, Map<String, List<String>> headers, byte[] body, long durationMs) {

  OutboundResponse withDuration(long millis) {
    return new OutboundResponse(status, headers, body, millis);
  }

  /** The first value of a header, by its lower-case name. */
  public Optional<String> header(String name) {
    return headers.getOrDefault(name, List.of()).stream().findFirst();
  }

  /** Leaves out headers and body, which may hold secrets. */
  @Override
  public String toString() {
    return "OutboundResponse[" + status + ", " + body.length + " bytes, " + durationMs + " ms]";
  }
}
