package io.stepwell.workspace;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Slug;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Workspaces over HTTP. */
@Path("/api/workspaces")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Workspaces")
public class WorkspaceResource {
  private static final int MAX_NAME = 200;
  private static final int MAX_SLUG = 63;
  private static final long MOST_DAYS = 36_500;

  private final Workspaces workspaces;
  private final WorkspaceDirectory directory;
  private final RetentionTimes retention;
  private final RequestCaller caller;

  WorkspaceResource(
      Workspaces workspaces,
      WorkspaceDirectory directory,
      RetentionTimes retention,
      RequestCaller caller) {
    this.workspaces = workspaces;
    this.directory = directory;
    this.retention = retention;
    this.caller = caller;
  }

  /** The body of a creation. */
  @Schema(name = "CreateWorkspace")
  record CreateRequest(
      @Schema(required = true, pattern = Slug.PATTERN) String slug,
      @Schema(required = true, maxLength = MAX_NAME) String name) {

    static CreateRequest read(JsonNode body) {
      JsonInput input = JsonInput.of(body);
      CreateRequest request =
          new CreateRequest(
              input.requiredText("slug", MAX_SLUG, Slug::matches, "does not match " + Slug.PATTERN),
              input.requiredText("name", MAX_NAME));
      input.finish();
      return request;
    }
  }

  /** The body of a change. */
  @Schema(name = "ChangeWorkspace")
  record ChangeRequest(
      @Schema(maxLength = MAX_NAME) Optional<String> name,
      @Schema(
              minimum = "1",
              maximum = "36500",
              description =
                  "For how many days an ended execution is kept; null: as the operator has it. More"
                      + " than that only the instance administrator may give.")
          Optional<Integer> retentionDays) {

    static Workspaces.Change read(JsonNode body, long mostDays) {
      JsonInput input = JsonInput.of(body);
      Optional<String> name = input.text("name", MAX_NAME);
      Optional<Long> days = input.integer("retentionDays", 1, mostDays);
      input.finish();
      return new Workspaces.Change(
          name, days.map(Long::intValue), body.path("retentionDays").isNull());
    }
  }

  @POST
  @Access(instanceAdministrator = true)
  @Operation(summary = "Create a workspace", description = "For the instance administrator.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CreateRequest.class)))
  @APIResponse(
      responseCode = "201",
      description = "Created; Location is its path",
      content = @Content(schema = @Schema(implementation = Workspace.class)))
  @APIResponse(responseCode = "400", description = "invalid_request, malformed_json")
  @APIResponse(responseCode = "409", description = "slug_taken")
  public Response create(JsonNode body) {
    CreateRequest request = CreateRequest.read(body);
    Workspace created = workspaces.create(request.slug(), request.name(), caller.userId());
    return Response.status(Response.Status.CREATED)
        .header(HttpHeaders.LOCATION, "/api/workspaces/" + created.slug())
        .entity(created)
        .build();
  }

  @GET
  @Access(anyWorkspace = true)
  @Operation(
      summary = "The workspaces that the key may see",
      description = "All of them for the instance administrator, else the key's own one.")
  @APIResponse(
      responseCode = "200",
      description = "A page, newest first",
      content = @Content(schema = @Schema(implementation = WorkspaceList.class)))
  public ListAnswer list(
      @QueryParam("limit") @Nullable String limit, @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of(WorkspaceDirectory.LIST, limit, cursor);
    Optional<UUID> own = caller.ownWorkspaceId();
    Page<Workspace> page =
        own.isPresent()
            ? new Page<>(workspaces.find(own.get()).stream().toList(), request.limit(), null)
            : directory.list(request);
    return ListAnswer.of(WorkspaceDirectory.LIST, page);
  }

  @GET
  @Path("{slug}")
  @Access
  @Operation(summary = "A workspace")
  @APIResponse(
      responseCode = "200",
      description = "The workspace",
      content = @Content(schema = @Schema(implementation = Workspace.class)))
  @APIResponse(responseCode = "404", description = "workspace_not_found")
  public Workspace get(@PathParam("slug") String slug) {
    return workspaces
        .find(caller.workspaceId())
        .orElseThrow(() -> Failure.notFound("workspace", slug));
  }

  @PATCH
  @Path("{slug}")
  @Access(Role.ADMIN)
  @Operation(summary = "Change a workspace's name, or for how long it keeps ended executions")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = ChangeRequest.class)))
  @APIResponse(
      responseCode = "200",
      description = "The changed workspace",
      content = @Content(schema = @Schema(implementation = Workspace.class)))
  @APIResponse(responseCode = "400", description = "invalid_request, malformed_json")
  @APIResponse(responseCode = "404", description = "workspace_not_found")
  public Workspace change(@PathParam("slug") String slug, JsonNode body) {
    long mostDays =
        caller.instanceAdministrator()
            ? MOST_DAYS
            : Math.min(MOST_DAYS, retention.mostDays().orElse(MOST_DAYS));
    return workspaces.change(
        caller.workspaceId(), ChangeRequest.read(body, mostDays), caller.userId());
  }

  @DELETE
  @Path("{slug}")
  @Access(instanceAdministrator = true)
  @Operation(
      summary = "Delete a workspace",
      description =
          "Its keys are revoked at once, its unfinished executions end within seconds, and all that"
              + " it has is deleted a while later.")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "404", description = "workspace_not_found")
  public void delete(@PathParam("slug") String slug) {
    workspaces.delete(caller.workspaceId(), caller.userId());
  }

  /** The shape of a list, for the API's description. */
  @Schema(name = "WorkspaceList")
  record WorkspaceList(List<Workspace> workspaces, ListAnswer.Pagination pagination) {}
}
