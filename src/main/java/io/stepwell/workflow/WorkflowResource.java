package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.AnswerMemory;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Problem;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Caller;
import io.stepwell.workspace.Role;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Workflow definitions and their versions over HTTP. */
@Path("/api/workspaces/{slug}/workflows")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Workflows")
public class WorkflowResource {
  private static final Pattern VERSION_NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

  private final Workflows workflows;
  private final WorkflowEditor editor;
  private final Caller caller;

  WorkflowResource(Workflows workflows, WorkflowEditor editor, Caller caller) {
    this.workflows = workflows;
    this.editor = editor;
    this.caller = caller;
  }

  @POST
  @Access(Role.EDITOR)
  @Operation(summary = "Create a workflow")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WorkflowBody.class)))
  @APIResponse(
      responseCode = "201",
      description = "The workflow, with its address in Location and its version in ETag",
      content = @Content(schema = @Schema(implementation = Workflow.class)))
  @APIResponse(responseCode = "400", description = "The body is malformed")
  @APIResponse(responseCode = "409", description = "key_taken")
  @APIResponse(responseCode = "422", description = "workflow_invalid, with every problem")
  public RestResponse<Workflow> create(JsonNode body) {
    Workflow created = editor.create(caller.workspaceId(), body, caller.userId());
    return RestResponse.ResponseBuilder.<Workflow>create(RestResponse.Status.CREATED)
        .header(
            HttpHeaders.LOCATION,
            "/api/workspaces/" + caller.workspaceSlug() + "/workflows/" + created.id())
        .header(HttpHeaders.ETAG, VersionTag.of(created.version()))
        .entity(created)
        .build();
  }

  @GET
  @Access(Role.VIEWER)
  @Operation(
      summary = "List the workflows, newest first",
      description = "Archived ones are left out.")
  @APIResponse(
      responseCode = "200",
      description = "A page of workflows, without their actions",
      content = @Content(schema = @Schema(implementation = WorkflowBody.WorkflowList.class)))
  public ListAnswer list(
      @QueryParam("limit") @Nullable String limit, @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of(Workflows.LIST, limit, cursor);
    return ListAnswer.of(Workflows.LIST, workflows.list(caller.workspaceId(), request));
  }

  /**
   * What validate found.
   *
   * @param valid whether there is no error
   */
  public record Validation(boolean valid, List<Problem> errors) {}

  @POST
  @Path("/validate")
  @Access(Role.EDITOR)
  @Operation(
      summary = "Check a definition without saving it",
      description = "Finds everything but a key that is taken.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WorkflowBody.class)))
  @APIResponse(responseCode = "200", description = "Whether it could be saved, and every problem")
  @APIResponse(responseCode = "400", description = "The body is not a JSON object")
  public Validation validate(JsonNode body) {
    List<Problem> problems = editor.validate(body);
    return new Validation(problems.isEmpty(), problems);
  }

  @GET
  @Path("/{id}")
  @Access(Role.VIEWER)
  @Operation(
      summary = "Read a workflow by its id or key",
      description = "An archived one, too; by its key as long as no other workflow has it.")
  @APIResponse(
      responseCode = "200",
      description = "The workflow with its current definition, its version in ETag",
      content = @Content(schema = @Schema(implementation = Workflow.class)))
  @APIResponse(responseCode = "304", description = "If-None-Match names the current version")
  @APIResponse(responseCode = "404", description = "workflow_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public RestResponse<Workflow> get(
      @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_NONE_MATCH) List<String> known) {
    Workflow workflow = workflows.get(caller.workspaceId(), id);
    boolean unchanged = VersionTag.known(known, workflow.version());
    return unchanged
        ? tagged(RestResponse.Status.NOT_MODIFIED, workflow.version(), null)
        : tagged(RestResponse.Status.OK, workflow.version(), workflow);
  }

  @PUT
  @Path("/{id}")
  @Access(Role.EDITOR)
  @Operation(
      summary = "Replace a workflow by its next version",
      description =
          "Without a key it keeps the one it has. Running executions stay on the version that"
              + " they started with. With If-Match, only that version is replaced.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WorkflowBody.class)))
  @APIResponse(
      responseCode = "200",
      description = "The workflow, its new version in ETag",
      content = @Content(schema = @Schema(implementation = Workflow.class)))
  @APIResponse(responseCode = "400", description = "The body is malformed")
  @APIResponse(responseCode = "404", description = "workflow_not_found, also when archived")
  @APIResponse(responseCode = "409", description = "key_taken")
  @APIResponse(responseCode = "412", description = "version_conflict: If-Match is stale")
  @APIResponse(responseCode = "422", description = "workflow_invalid, with every problem")
  public RestResponse<Workflow> replace(
      @PathParam("id") String id,
      @HeaderParam(HttpHeaders.IF_MATCH) List<String> ifMatch,
      JsonNode body) {
    Workflow saved = editor.replace(caller.workspaceId(), id, body, ifMatch, caller.userId());
    return tagged(RestResponse.Status.OK, saved.version(), saved);
  }

  @DELETE
  @Path("/{id}")
  @Access(Role.EDITOR)
  @Operation(
      summary = "Archive a workflow",
      description = "It starts no execution any more and its key is free; its history stays.")
  @APIResponse(responseCode = "204", description = "Archived")
  @APIResponse(responseCode = "404", description = "workflow_not_found, also when archived already")
  @APIResponse(responseCode = "412", description = "version_conflict: If-Match is stale")
  public void archive(
      @PathParam("id") String id, @HeaderParam(HttpHeaders.IF_MATCH) List<String> ifMatch) {
    editor.archive(caller.workspaceId(), id, ifMatch, caller.userId());
  }

  @GET
  @Path("/{id}/versions")
  @Access(Role.VIEWER)
  @Operation(summary = "List the versions of a workflow, newest first")
  @APIResponse(
      responseCode = "200",
      description = "A page of versions, without their definitions",
      content = @Content(schema = @Schema(implementation = WorkflowBody.VersionList.class)))
  @APIResponse(responseCode = "404", description = "workflow_not_found")
  public ListAnswer versions(
      @PathParam("id") String id,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of(WorkflowVersionEntity.LIST, limit, cursor);
    return ListAnswer.of(
        WorkflowVersionEntity.LIST, workflows.versions(caller.workspaceId(), id, request));
  }

  @GET
  @Path("/{id}/versions/{n}")
  @Access(Role.VIEWER)
  @Operation(summary = "Read one version of a workflow")
  @APIResponse(
      responseCode = "200",
      description = "The version with its definition",
      content = @Content(schema = @Schema(implementation = Workflow.Version.class)))
  @APIResponse(
      responseCode = "404",
      description = "workflow_not_found or workflow_version_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public Workflow.Version version(@PathParam("id") String id, @PathParam("n") String number) {
    if (!VERSION_NUMBER.matcher(number).matches()) {
      throw Workflows.noVersion(number);
    }
    return workflows.get(caller.workspaceId(), id, Integer.parseInt(number));
  }

  private static RestResponse<Workflow> tagged(
      RestResponse.Status status, int version, @Nullable Workflow workflow) {
    return RestResponse.ResponseBuilder.<Workflow>create(status)
        .header(HttpHeaders.ETAG, VersionTag.of(version))
        .entity(workflow)
        .build();
  }
}
