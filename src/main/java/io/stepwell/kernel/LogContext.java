package io.stepwell.kernel;

import java.util.UUID;
import org.jboss.logging.MDC;

/** Puts on the log lines of the present request or thread what they are about: ids, never data. */
public final class LogContext {
  private static final String REQUEST_ID = "requestId";
  private static final String WORKSPACE_ID = "workspaceId";
  private static final String EXECUTION_ID = "executionId";
  private static final String TRACE_ID = "traceId";

  private LogContext() {}

  public static void request(String id) {
    MDC.put(REQUEST_ID, id);
  }

  public static void workspace(UUID id) {
    MDC.put(WORKSPACE_ID, id.toString());
  }

  public static void execution(UUID id) {
    MDC.put(EXECUTION_ID, id.toString());
  }

  public static void put(UUID workspaceId, UUID executionId, TraceParent trace) {
    workspace(workspaceId);
    execution(executionId);
    MDC.put(TRACE_ID, trace.traceId());
  }

  /** Whether the lines say already that they are about this execution. */
  public static boolean tells(UUID executionId) {
    return executionId.toString().equals(MDC.get(EXECUTION_ID));
  }

  /** Takes off what a thread that goes on with something else must not say of it. */
  public static void clear() {
    MDC.remove(WORKSPACE_ID);
    MDC.remove(EXECUTION_ID);
    MDC.remove(TRACE_ID);
  }
}
