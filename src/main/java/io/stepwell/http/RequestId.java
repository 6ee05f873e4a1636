package io.stepwell.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.LogContext;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives every request an id, for the answer and the log lines, and every answer its safety headers.
 *
 * <p>A caller's own {@code X-Request-Id} is kept when it is harmless in a log.
 */
@Singleton
final class RequestId {
  static final String HEADER = "X-Request-Id";

  private static final CharSequence NAME = HttpHeaders.createOptimized(HEADER);
  private static final String API = "/api/";
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final int BEFORE_EVERYTHING = 1000;

  private final Ids ids;

  RequestId(Ids ids) {
    this.ids = ids;
  }

  void register(@Observes Filters filters) {
    filters.register(this::begin, BEFORE_EVERYTHING);
  }

  private void begin(RoutingContext context) {
    @Nullable String given = context.request().getHeader(NAME);
    String id = given != null && HARMLESS.matcher(given).matches() ? given : ids.next().toString();
    LogContext.request(id);
    MultiMap headers = context.response().headers();
    headers.set(NAME, id);
    headers.set("X-Content-Type-Options", "nosniff");
    if (context.normalizedPath().startsWith(API)) {
      context.addHeadersEndHandler(end -> {
        if (!headers.contains(HttpHeaders.CACHE_CONTROL)) {
          headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
        }
      });
    }
    context.next();
  }
}
