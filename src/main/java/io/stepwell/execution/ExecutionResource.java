package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.AnswerMemory;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.LogContext;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.workflow.Workflows;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Caller;
import io.stepwell.workspace.ExecutionLimiter;
import io.stepwell.workspace.Role;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Executes workflows and answers what became of it. */
@Path("/api/workspaces/{slug}/workflows")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Executions")
public class ExecutionResource {
  private static final int MAX_IDEMPOTENCY_KEY = 255;
  private static final String SHORT_PAGES =
      "A page of a label together with a status or a user may have fewer than limit, even none:"
          + " more follow as long as there is a nextCursor.";

  private final Caller caller;
  private final Workflows workflows;
  private final ExecutionService executions;
  private final ExecutionRetry retries;
  private final ExecutionCancellation cancellation;
  private final ExecutionQueries queries;
  private final ExecutionPages pages;
  private final ExecutionStatistics statistics;
  private final ExecutionWaiter waiter;
  private final ExecutionLimiter limiter;

  ExecutionResource(
      Caller caller,
      Workflows workflows,
      ExecutionService executions,
      ExecutionRetry retries,
      ExecutionCancellation cancellation,
      ExecutionQueries queries,
      ExecutionPages pages,
      ExecutionStatistics statistics,
      ExecutionWaiter waiter,
      ExecutionLimiter limiter) {
    this.caller = caller;
    this.workflows = workflows;
    this.executions = executions;
    this.retries = retries;
    this.cancellation = cancellation;
    this.queries = queries;
    this.pages = pages;
    this.statistics = statistics;
    this.waiter = waiter;
    this.limiter = limiter;
  }

  /** A page of executions and the statistics of all of them. */
  public record ExecutionList(
      List<ExecutionView> executions, ListAnswer.Pagination pagination, Statistics statistics) {}

  @POST
  @Path("/{id}/execute")
  @Access(Role.OPERATOR)
  @Operation(
      summary = "Execute a workflow",
      description = "Durable before it is answered. With Prefer: wait=N it waits for the end.")
  @APIResponse(
      responseCode = "202",
      description = "Accepted",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(
      responseCode = "200",
      description = "Finished within the time that Prefer: wait=N gives",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "404", description = "No such workflow, or it is archived")
  @APIResponse(responseCode = "409", description = "workflow_disabled")
  @APIResponse(responseCode = "422", description = "trigger_data_invalid, idempotency_key_reused")
  @APIResponse(responseCode = "429", description = "Over a limit; see Retry-After")
  public Response execute(
      @PathParam("slug") String slug,
      @PathParam("id") String id,
      @Parameter(description = "wait=N, N up to 60 seconds") @HeaderParam("Prefer")
          @Nullable String prefer,
      @Parameter(description = "The same key and body give back the first execution")
          @HeaderParam("Idempotency-Key")
          @Nullable String idempotencyKey,
      @Parameter(description = "The trace that the execution goes on with (W3C Trace Context)")
          @HeaderParam("traceparent")
          @Nullable String traceParent,
      @RequestBody(
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(implementation = ExecuteRequest.class)))
          @Nullable JsonNode body)
      throws InterruptedException {
    requireGood(idempotencyKey);
    ExecuteRequest request = ExecuteRequest.of(body);
    limiter.acquire(caller.workspaceId());
    ExecutionService.Started started =
        executions.start(
            caller.workspaceId(),
            id,
            new ExecutionService.Start(
                request.triggerData(),
                request.labelsAsJson(),
                caller.userId(),
                idempotencyKey,
                RequestTrace.of(traceParent)));
    return accepted(started, Preference.waiting(prefer));
  }

  private static void requireGood(@Nullable String idempotencyKey) {
    if (idempotencyKey != null
        && (idempotencyKey.isBlank() || idempotencyKey.length() > MAX_IDEMPOTENCY_KEY)) {
      throw Failure.malformed(
          "invalid_idempotency_key",
          "Idempotency-Key has 1 to " + MAX_IDEMPOTENCY_KEY + " characters.");
    }
  }

  @GET
  @Path("/executions/{executionId}")
  @Access(Role.VIEWER)
  @Operation(summary = "The status of an execution, with steps, progress and timing")
  @APIResponse(
      responseCode = "200",
      description = "The execution",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public ExecutionView get(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    return queries.view(caller.workspaceId(), executionId);
  }

  @GET
  @Path("/executions/{executionId}/steps/{path}")
  @Access(Role.VIEWER)
  @Operation(
      summary = "One step of an execution with its whole output",
      description = "Also where an execution's answer or a stream leaves the output out.")
  @APIResponse(
      responseCode = "200",
      description = "The step as among the execution's, PENDING before it begins",
      content = @Content(schema = @Schema(implementation = StepView.class)))
  @APIResponse(responseCode = "404", description = "execution_not_found, step_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public StepView step(
      @PathParam("slug") String slug,
      @PathParam("executionId") String executionId,
      @Parameter(description = "The step's path, such as 2.then.0") @PathParam("path")
          String path) {
    return queries.step(caller.workspaceId(), executionId, path);
  }

  @POST
  @Path("/executions/{executionId}")
  @Access(Role.OPERATOR)
  @Operation(summary = "Cancel an execution", operationId = "cancelByPost")
  @APIResponse(
      responseCode = "200",
      description = "Cancelled",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "409", description = "execution_finished")
  public ExecutionView cancelByPost(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    return cancellation.cancel(caller.workspaceId(), executionId);
  }

  @DELETE
  @Path("/executions/{executionId}")
  @Access(Role.OPERATOR)
  @Operation(summary = "Cancel an execution")
  @APIResponse(
      responseCode = "200",
      description = "Cancelled",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "409", description = "execution_finished")
  public ExecutionView cancel(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    return cancellation.cancel(caller.workspaceId(), executionId);
  }

  @POST
  @Path("/executions/{executionId}/retry")
  @Access(Role.OPERATOR)
  @Operation(summary = "Continue a FAILED or CANCELLED execution from the step that ended it")
  @APIResponse(
      responseCode = "202",
      description = "Accepted",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "409", description = "execution_not_retryable")
  @APIResponse(responseCode = "429", description = "Over a limit; see Retry-After")
  public Response retry(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    limiter.acquire(caller.workspaceId());
    ExecutionView view = retries.retry(caller.workspaceId(), executionId);
    return Response.accepted(view).header(HttpHeaders.LOCATION, location(view.id())).build();
  }

  @POST
  @Path("/executions/{executionId}/rerun")
  @Access(Role.OPERATOR)
  @Operation(summary = "Execute the same version again with the same trigger data")
  @APIResponse(
      responseCode = "202",
      description = "Accepted",
      content = @Content(schema = @Schema(implementation = ExecutionView.class)))
  @APIResponse(responseCode = "409", description = "workflow_disabled")
  @APIResponse(responseCode = "422", description = "idempotency_key_reused")
  @APIResponse(responseCode = "429", description = "Over a limit; see Retry-After")
  public Response rerun(
      @PathParam("slug") String slug,
      @PathParam("executionId") String executionId,
      @Parameter(description = "The same key and execution give back the first rerun")
          @HeaderParam("Idempotency-Key")
          @Nullable String idempotencyKey,
      @Parameter(description = "The trace that the execution goes on with (W3C Trace Context)")
          @HeaderParam("traceparent")
          @Nullable String traceParent)
      throws InterruptedException {
    requireGood(idempotencyKey);
    limiter.acquire(caller.workspaceId());
    return accepted(
        executions.rerun(
            caller.workspaceId(),
            executionId,
            caller.userId(),
            idempotencyKey,
            RequestTrace.of(traceParent)),
        Duration.ZERO);
  }

  @GET
  @Path("/executions")
  @Access(Role.VIEWER)
  @Operation(
      summary = "The executions of the workspace, newest first, with statistics",
      description = SHORT_PAGES)
  @APIResponse(
      responseCode = "200",
      description = "A page",
      content = @Content(schema = @Schema(implementation = ExecutionList.class)))
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public ExecutionList listAll(
      @PathParam("slug") String slug,
      @QueryParam("status") @Nullable String status,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("userId") @Nullable String userId,
      @QueryParam("label") @Nullable String label,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    return list(
        ExecutionFilter.of(caller.workspaceId(), null, status, from, to, userId, label),
        PageRequest.of(ExecutionPages.LIST, limit, cursor));
  }

  @GET
  @Path("/{id}/executions")
  @Access(Role.VIEWER)
  @Operation(
      summary = "The executions of a workflow, newest first, with statistics",
      description = SHORT_PAGES)
  @APIResponse(
      responseCode = "200",
      description = "A page",
      content = @Content(schema = @Schema(implementation = ExecutionList.class)))
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public ExecutionList list(
      @PathParam("slug") String slug,
      @PathParam("id") String id,
      @Parameter(description = "One or more, with commas") @QueryParam("status")
          @Nullable String status,
      @Parameter(description = "Created at this time or later") @QueryParam("from")
          @Nullable String from,
      @Parameter(description = "Created before this time") @QueryParam("to") @Nullable String to,
      @QueryParam("userId") @Nullable String userId,
      @Parameter(description = "key:value") @QueryParam("label") @Nullable String label,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    return list(
        ExecutionFilter.of(
            caller.workspaceId(),
            workflows.idOf(caller.workspaceId(), id),
            status,
            from,
            to,
            userId,
            label),
        PageRequest.of(ExecutionPages.LIST, limit, cursor));
  }

  private ExecutionList list(ExecutionFilter filter, PageRequest request) {
    Page<ExecutionView> page = pages.list(filter, request);
    return new ExecutionList(page.items(), ListAnswer.Pagination.of(page), statistics.read(filter));
  }

  private Response accepted(ExecutionService.Started started, Duration wait)
      throws InterruptedException {
    LogContext.execution(started.executionId());
    ExecutionView view =
        wait.isZero() && started.accepted().isPresent()
            ? started.accepted().get()
            : waiter.await(caller.workspaceId(), started.executionId(), wait);
    Response.ResponseBuilder response =
        wait.isZero() || !view.status().isTerminal() ? Response.accepted() : Response.ok();
    if (!wait.isZero()) {
      response.header("Preference-Applied", "wait=" + wait.toSeconds());
    }
    if (started.replayed()) {
      response.header("Idempotency-Replayed", "true");
    }
    return response
        .header(HttpHeaders.LOCATION, location(started.executionId()))
        .entity(view)
        .build();
  }

  // a path: behind a proxy we do not know the address that the client uses
  private String location(UUID executionId) {
    return "/api/workspaces/" + caller.workspaceSlug() + "/workflows/executions/" + executionId;
  }
}
