package io.stepwell.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Answers with a problem document what fails before, or beside, the resources. */
@Singleton
final class RouterProblems {
  private static final int[] STATUSES = {400, 404, 405, 406, 413, 414, 415, 431, 503};

  void register(@Observes Router router) {
    for (int code : STATUSES) {
      router.errorHandler(code, context -> answer(context, HttpStatus.nearest(code)));
    }
  }

  private static void answer(RoutingContext context, HttpStatus status) {
    if (context.response().headWritten()) {
      context.response().reset();
      return;
    }
    context
        .response()
        .setStatusCode(status.code())
        .putHeader(HttpHeaders.CONTENT_TYPE, ProblemDocument.MEDIA_TYPE)
        .end(ProblemMappers.text(ProblemMappers.standard(status, context.request())));
  }
}
