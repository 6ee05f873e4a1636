package io.stepwell.inbox;

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
import jakarta.ws.rs.POST;
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
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The notifications of a workspace over HTTP. */
@Path("/api/workspaces/{slug}/notifications")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Notifications")
public class NotificationResource {
  private final Notifications notifications;
  private final Caller caller;

  NotificationResource(Notifications notifications, Caller caller) {
    this.notifications = notifications;
    this.caller = caller;
  }

  @GET
  @Access(Role.VIEWER)
  @Operation(summary = "The notifications of a workspace, whatever their channel")
  @APIResponse(
      responseCode = "200",
      description =
          "A page, newest first; it may have fewer than limit where they are large, and more follow"
              + " as long as there is a nextCursor",
      content = @Content(schema = @Schema(implementation = NotificationList.class)))
  @APIResponse(
      responseCode = "400",
      description = "invalid_unread, invalid_recipient, invalid_limit, invalid_cursor")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public ListAnswer list(
      @PathParam("slug") String slug,
      @QueryParam("recipient") @Nullable String recipient,
      @Parameter(description = "true: nobody has read it; false: it was read") @QueryParam("unread")
          @Nullable String unread,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    NotificationFilter filter = NotificationFilter.of(recipient, unread);
    PageRequest request = PageRequest.of(Notifications.LIST, limit, cursor);
    return ListAnswer.of(
        Notifications.LIST, notifications.list(caller.workspaceId(), filter, request));
  }

  @GET
  @Path("{id}")
  @Access(Role.VIEWER)
  @Operation(summary = "A notification")
  @APIResponse(
      responseCode = "200",
      description = "The notification",
      content = @Content(schema = @Schema(implementation = Notification.class)))
  @APIResponse(responseCode = "404", description = "notification_not_found")
  @APIResponse(responseCode = "429", description = AnswerMemory.REFUSED)
  public Notification get(@PathParam("slug") String slug, @PathParam("id") String id) {
    return notifications.show(caller.workspaceId(), parse(id));
  }

  @POST
  @Path("{id}/read")
  @Access(Role.OPERATOR)
  @Operation(
      summary = "Mark a notification as read",
      description = "One that is read already keeps the time of its first reading.")
  @APIResponse(
      responseCode = "200",
      description = "The notification, read",
      content = @Content(schema = @Schema(implementation = Notification.class)))
  @APIResponse(responseCode = "404", description = "notification_not_found")
  public Notification read(@PathParam("slug") String slug, @PathParam("id") String id) {
    return notifications.read(caller.workspaceId(), parse(id));
  }

  private static UUID parse(String id) {
    return Ids.parse(id).orElseThrow(() -> Failure.notFound("notification", id));
  }

  /** The shape of a list, for the API's description. */
  @Schema(name = "NotificationList")
  record NotificationList(List<Notification> notifications, ListAnswer.Pagination pagination) {}
}
