package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request of a chain of redirects, and the rules by which the next one follows from it. */
record Hop(
    String method,
    Target target,
    RequestHeaders headers,
    byte @Nullable [] body,
    boolean bodyMayGoElsewhere) {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  static Hop first(OutboundRequest request) throws OutboundException {
    if (!METHODS.contains(request.method())) {
      throw new OutboundException(Reason.INVALID_REQUEST, "the method is none of " + METHODS);
    }
    return new Hop(
        request.method(),
        Target.of(request.uri()),
        RequestHeaders.of(request.headers()),
        request.body(),
        request.bodyMayGoElsewhere());
  }

  /**
   * Where a response leads; empty where it is no redirect, or names no place that can be read.
   *
   * @throws OutboundException when it leads from https to http or to what is not a plain http
   *     address, or would take a body to another origin that the request does not allow it to
   */
  Optional<Hop> next(OutboundResponse response) throws OutboundException {
    Optional<URI> location = location(response);
    if (location.isEmpty()) {
      return Optional.empty();
    }
    Target there = Target.of(location.get());
    if (target.tls() && !there.tls()) {
      throw new OutboundException(
          Reason.ADDRESS_DENIED, "a redirect from https to http is refused");
    }
    Hop moved =
        becomesGet(response.status())
            ? new Hop("GET", there, headers.withoutBody(), null, bodyMayGoElsewhere)
            : new Hop(method, there, headers, body, bodyMayGoElsewhere);
    return Optional.of(target.sameOrigin(there) ? moved : moved.forAnotherOrigin());
  }

  private Optional<URI> location(OutboundResponse response) {
    return switch (response.status()) {
      case 301, 302, 303, 307, 308 ->
          response.header("location").flatMap(to -> OutboundUrl.resolve(target.uri(), to));
      default -> Optional.empty();
    };
  }

  // RFC 9110 section 15.4: what browsers do
  private boolean becomesGet(int status) {
    return switch (status) {
      case 301, 302 -> method.equals("POST");
      case 303 -> !method.equals("HEAD");
      default -> false;
    };
  }

  private Hop forAnotherOrigin() throws OutboundException {
    if (body != null && !bodyMayGoElsewhere) {
      throw new OutboundException(
          Reason.REDIRECT_DENIED,
          "a redirect would take the request's body to another origin, " + target.host());
    }
    return new Hop(method, target, headers.forAnotherOrigin(), body, bodyMayGoElsewhere);
  }
}
