package io.stepwell.outbound;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One request as the caller wants it sent; {@link OutboundHttpClient} judges it.
 *
 * @param workspaceId whose request it is: workspaces share no connection
 * @param method one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
 * @param uri absolute http or https address; its fragment is not sent
 * @param headers end-to-end headers; those that frame the message (Host, Content-Length, …) are
 *     refused
 * @param bodyMayGoElsewhere whether a redirect that repeats the body may lead to another origin
 * @param maxResponseBytes bound of the body of every response, those of redirects included, as it
 *     is sent and once it is unpacked
 * @param deadline bound of the whole: name, connection, redirects and the last byte of the body
 */
public record OutboundRequest(
    UUID workspaceId,
    String method,
    URI uri,
    Map<String, List<String>> headers,
    byte @Nullable [] body,
    boolean followRedirects,
    boolean bodyMayGoElsewhere,
    long maxResponseBytes,
    Duration deadline) {

  /** Leaves out whatever may be a secret: query, headers and body. */
  @Override
  public String toString() {
    return "OutboundRequest[" + method + " to " + uri.getHost() + "]";
  }
}
