package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request of a chain of redirects, and the rules by which the next one follows from it. */
record Hop(String method, Target target, RequestHeaders headers, byte @Nullable [] body) {

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
        request.body());
  }

  /**
   * Where a response leads; empty where it is no redirect, or names no place that can be read.
   *
   * @throws OutboundException when it leads from https to http, or to what is no plain http address
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
            ? new Hop("GET", there, headers.withoutBody(), null)
            : new Hop(method, there, headers, body);
    return Optional.of(target.sameOrigin(there) ? moved : moved.withoutCredentials());
  }

  private Optional<URI> location(OutboundResponse response) {
    return switch (response.status()) {
      case 301, 302, 303, 307, 308 -> response.header("location").flatMap(this::resolve);
      default -> Optional.empty();
    };
  }

  private Optional<URI> resolve(String location) {
    try {
      return Optional.of(target.uri().resolve(location));
    } catch (IllegalArgumentException notAUri) {
      return Optional.empty();
    }
  }

  // RFC 9110 section 15.4: what browsers do
  private boolean becomesGet(int status) {
    return switch (status) {
      case 301, 302 -> method.equals("POST");
      case 303 -> !method.equals("HEAD");
      default -> false;
    };
  }

  private Hop withoutCredentials() {
    return new Hop(method, target, headers.forAnotherOrigin(), body);
  }
}
