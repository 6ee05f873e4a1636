package io.stepwell.http;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers every failed request with a problem document. */
@Singleton
final class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);
  // what a database that fails over or restarts needs, roughly
  private static final String RETRY_SOON = "2";

  @ServerExceptionMapper
  Response failure(Failure failure, HttpServerRequest request) {
    HttpStatus status = HttpStatus.of(failure.kind());
    Response.ResponseBuilder answer =
        answer(
            ProblemDocument.of(
                status, failure.code(), failure.detail(), path(request), failure.problems()));
    switch (failure.kind()) {
      case UNAUTHENTICATED -> answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      case LIMITED, UNAVAILABLE ->
          answer.header(
              HttpHeaders.RETRY_AFTER,
              failure
                  .retryAfter()
                  .map(after -> Long.toString(Math.max(1, after.plusMillis(999).toSeconds())))
                  .orElse(RETRY_SOON));
      default -> {}
    }
    return answer.build();
  }

  /** What the framework refuses: no such path, method, media type, and the like. */
  @ServerExceptionMapper
  Response refusal(WebApplicationException refusal, HttpServerRequest request) {
    Response original = refusal.getResponse();
    if (original.getStatus() < 400) {
      return original;
    }
    HttpStatus status = HttpStatus.nearest(original.getStatus());
    if (status == HttpStatus.INTERNAL) {
      return unexpected(refusal, request);
    }
    Response.ResponseBuilder answer = answer(standard(status, request));
    String allow = original.getHeaderString(HttpHeaders.ALLOW);
    if (allow != null) {
      answer.header(HttpHeaders.ALLOW, allow);
    }
    return answer.build();
  }

  @ServerExceptionMapper
  Response unexpected(Throwable cause, HttpServerRequest request) {
    if (Outage.isBehind(cause)) {
      LOG.warnf(
          "%s %s failed for want of the database: %s", request.method(), path(request), cause);
      return answer(standard(HttpStatus.UNAVAILABLE, request))
          .header(HttpHeaders.RETRY_AFTER, RETRY_SOON)
          .build();
    }
    LOG.errorf(
        cause,
        "%s %s failed, request %s",
        request.method(),
        path(request),
        request.response().headers().get(RequestId.HEADER));
    return answer(standard(HttpStatus.INTERNAL, request)).build();
  }

  /** The problem document of a status about which there is no more to say. */
  static ProblemDocument standard(HttpStatus status, HttpServerRequest request) {
    return ProblemDocument.of(
        status, status.defaultCode(), status.defaultDetail(), path(request), List.of());
  }

  static String text(ProblemDocument problem) {
    return Json.write(Json.mapper().valueToTree(problem));
  }

  private static Response.ResponseBuilder answer(ProblemDocument problem) {
    return Response.status(problem.status()).type(ProblemDocument.MEDIA_TYPE).entity(text(problem));
  }

  private static String path(HttpServerRequest request) {
    String uri = request.uri();
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }
}
