package io.stepwell.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.AnswerMemory;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.PageRequest;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Caller;
import io.stepwell.workspace.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
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

/** The tasks of a workspace over HTTP. */
@Path("/api/workspaces/{slug}/tasks")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Tasks")
public class TaskResource {
  private final Tasks tasks;
  private final Caller caller;

  TaskResource(Tasks tasks, Caller caller) {
    this.tasks = tasks;
    this.caller = caller;
  }

  @GET
  @Access(Role.VIEWER)
  @Operation(summary = "The tasks of a workspace")
  @APIResponse(
      responseCode = "200",
      description =
          "A page, newest first; it may have fewer than limit where they are large, and more follow"
              + " as long as there is a nextCursor",
      content = @Content(schema = @Schema(implementation = TaskList.class)))
  @APIResponse(
      responseCode = "400",
      description = "invalid_status, invalid_assigned_to, invalid_limit, invalid_cursor")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public ListAnswer list(
      @PathParam("slug") String slug,
      @Parameter(description = "OPEN, IN_PROGRESS, DONE, CANCELLED; several with commas")
          @QueryParam("status")
          @Nullable String status,
      @QueryParam("assignedTo") @Nullable String assignedTo,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    TaskFilter filter = TaskFilter.of(status, assignedTo);
    PageRequest request = PageRequest.of(Tasks.LIST, limit, cursor);
    return ListAnswer.of(Tasks.LIST, tasks.list(caller.workspaceId(), filter, request));
  }

  @GET
  @Path("{id}")
  @Access(Role.VIEWER)
  @Operation(summary = "A task")
  @APIResponse(
      responseCode = "200",
      description = "The task",
      content = @Content(schema = @Schema(implementation = Task.class)))
  @APIResponse(responseCode = "404", description = "task_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public Task get(@PathParam("slug") String slug, @PathParam("id") String id) {
    return tasks.show(caller.workspaceId(), parse(id));
  }

  @PATCH
  @Path("{id}")
  @Access(Role.OPERATOR)
  @Operation(
      summary = "Change, assign, complete or cancel a task",
      description =
          "A member that is absent stays as it is. A step that waits for the task goes on when it"
              + " is DONE, and fails with task_cancelled when it is CANCELLED.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = TaskChange.class)))
  @APIResponse(
      responseCode = "200",
      description = "The task as it is now",
      content = @Content(schema = @Schema(implementation = Task.class)))
  @APIResponse(responseCode = "400", description = "invalid_request, malformed_json")
  @APIResponse(responseCode = "404", description = "task_not_found")
  @APIResponse(responseCode = "409", description = "task_finished")
  public Task change(@PathParam("slug") String slug, @PathParam("id") String id, JsonNode body) {
    TaskChange change = TaskChange.read(body);
    return tasks.change(caller.workspaceId(), parse(id), change, caller.userId());
  }

  private static UUID parse(String id) {
    return Ids.parse(id).orElseThrow(() -> Failure.notFound("task", id));
  }

  /** The shape of a list, for the API's description. */
  @Schema(name = "TaskList")
  record TaskList(List<Task> tasks, ListAnswer.Pagination pagination) {}
}
