package io.stepwell.execution;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.stepwell.kernel.TraceParent;
import org.jspecify.annotations.Nullable;

/** The trace that a request belongs to, and that what it starts goes on with. */
final class RequestTrace {
  private RequestTrace() {}

  /** The span that serves the request, else what its caller says of itself, if anything. */
  static @Nullable TraceParent of(@Nullable String header) {
    SpanContext serving = Span.current().getSpanContext();
    return serving.isValid()
        ? new TraceParent(serving.getTraceId(), serving.getSpanId(), serving.isSampled())
        : TraceParent.parse(header).orElse(null);
  }
}
