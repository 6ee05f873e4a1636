package io.stepwell.engine;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.kernel.LogContext;
import io.stepwell.kernel.TraceParent;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Shows runs and attempts in traces and on log lines, by ids and names and never by their data.
 *
 * <p>An execution has one trace, that of the request which started it, wherever and however often
 * it goes on. Each run is a span of it and each attempt a span of its run; a run that is cut short
 * by a crash is missing. Where no traces are exported there are no spans: the place in the trace is
 * only passed on. Thread-safe.
 */
@ApplicationScoped
class Tracing {
  private final Tracer tracer;
  private final boolean exporting;

  Tracing(
      OpenTelemetry telemetry,
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean disabled) {
    this.tracer = telemetry.getTracer("io.stepwell");
    this.exporting = !disabled;
  }

  /** Runs an execution on the current thread, which is its own; {@code body} takes its place. */
  void run(Claim claim, Consumer<TraceParent> body) {
    TraceParent trace =
        claim.trace() == null ? TraceParent.ofExecution(claim.executionId()) : claim.trace();
    LogContext.put(claim.workspaceId(), claim.executionId(), trace);
    if (!exporting) {
      body.accept(trace);
      return;
    }
    Span span =
        tracer
            .spanBuilder("run execution")
            .setParent(below(trace))
            .setAttribute("stepwell.workspace.id", claim.workspaceId().toString())
            .setAttribute("stepwell.workflow.id", claim.workflowId().toString())
            .setAttribute("stepwell.workflow.version", claim.workflowVersion())
            .setAttribute("stepwell.execution.id", claim.executionId().toString())
            .startSpan();
    try (Scope current = span.makeCurrent()) {
      body.accept(place(span));
    } finally {
      span.end();
    }
  }

  /** Makes an attempt on the current thread, which need not be that of the run. */
  ActionResult attempt(String type, ActionContext context, ActionHandler handler)
      throws InterruptedException {
    boolean elsewhere = !LogContext.tells(context.executionId());
    if (elsewhere) {
      LogContext.put(context.workspaceId(), context.executionId(), context.trace());
    }
    try {
      return exporting ? traced(type, context, handler) : handler.handle(context);
    } finally {
      if (elsewhere) {
        LogContext.clear();
      }
    }
  }

  private ActionResult traced(String type, ActionContext context, ActionHandler handler)
      throws InterruptedException {
    Span span =
        tracer
            .spanBuilder("attempt " + type)
            .setParent(below(context.trace()))
            .setAttribute("stepwell.execution.id", context.executionId().toString())
            .setAttribute("stepwell.step.name", context.stepName())
            .setAttribute("stepwell.step.path", context.stepPath())
            .setAttribute("stepwell.step.attempt", context.attempt())
            .startSpan();
    try (Scope current = span.makeCurrent()) {
      return handler.handle(context.withTrace(place(span)));
    } catch (ActionFailure e) {
      failed(span, e.code());
      throw e;
    } catch (InterruptedException e) {
      failed(span, "interrupted");
      throw e;
    } catch (RuntimeException | Error e) {
      // a handler is anybody's code; its message may hold anything
      failed(span, "action_error");
      throw e;
    } finally {
      span.end();
    }
  }

  private static void failed(Span span, String code) {
    span.setStatus(StatusCode.ERROR).setAttribute("error.type", code);
  }

  private static Context below(TraceParent trace) {
    SpanContext parent =
        SpanContext.createFromRemoteParent(
            trace.traceId(),
            trace.spanId(),
            trace.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
            TraceState.getDefault());
    return Context.root().with(Span.wrap(parent));
  }

  private static TraceParent place(Span span) {
    SpanContext context = span.getSpanContext();
    return new TraceParent(context.getTraceId(), context.getSpanId(), context.isSampled());
  }
}
