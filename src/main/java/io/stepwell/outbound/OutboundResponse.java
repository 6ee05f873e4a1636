package io.stepwell.outbound;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A complete response, whatever its status.
 *
 * @param headers by lower-case name, several values kept in their order
 * @param body as it was sent: never decompressed
 * @param durationMs of the whole exchange, with its redirects
 */
public record OutboundResponse(
    int status, Map<String, List<String>> headers, byte[] body, long durationMs) {

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
