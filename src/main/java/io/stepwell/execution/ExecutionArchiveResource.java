package io.stepwell.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.AnswerMemory;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Caller;
import io.stepwell.workspace.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Gives all that is known of an execution, and deletes it before its time. */
@Path("/api/workspaces/{slug}/workflows")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Executions")
public class ExecutionArchiveResource {
  private final Caller caller;
  private final ExecutionExport export;
  private final ExecutionPurge purge;

  ExecutionArchiveResource(Caller caller, ExecutionExport export, ExecutionPurge purge) {
    this.caller = caller;
    this.export = export;
    this.purge = purge;
  }

  /** The shape of an export, for the API's description. */
  @Schema(name = "ExecutionExport")
  record Exported(
      ExecutionView execution,
      List<StepView> steps,
      List<JsonNode> notifications,
      List<JsonNode> tasks) {}

  @GET
  @Path("/executions/{executionId}/export")
  @Access(Role.VIEWER)
  @Operation(
      summary = "All that is known of an execution, as one document",
      description =
          "With its trigger data, every output whatever its size, its notifications and its tasks.")
  @APIResponse(
      responseCode = "200",
      description = "The document, as a download",
      content = @Content(schema = @Schema(implementation = Exported.class)))
  @APIResponse(responseCode = "404", description = "execution_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public Response export(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    ExecutionExport.Document document = export.of(caller.workspaceId(), executionId);
    StreamingOutput body = document::write;
    return Response.ok(body)
        .type(MediaType.APPLICATION_JSON)
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"execution-" + document.executionId() + ".json\"")
        .build();
  }

  @POST
  @Path("/executions/{executionId}/purge")
  @Access(Role.ADMIN)
  @Operation(
      summary = "Delete an ended execution for good",
      description =
          "With its steps, notifications and tasks, before its time of retention is over. Statistics"
              + " keep it; its Idempotency-Key is free again.")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "404", description = "execution_not_found")
  @APIResponse(responseCode = "409", description = "execution_not_finished")
  public void purge(@PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    purge.purge(caller.workspaceId(), executionId, caller.userId());
  }
}
