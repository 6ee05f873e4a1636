package io.stepwell.workspace;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tickets for streams over HTTP. */
@Path("/api/workspaces/{slug}/workflows/executions/{executionId}/stream-tickets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Executions")
public class StreamTicketResource {
  private final StreamTickets tickets;
  private final Caller caller;

  StreamTicketResource(StreamTickets tickets, Caller caller) {
    this.tickets = tickets;
    this.caller = caller;
  }

  @POST
  @Access
  @Operation(
      summary = "A ticket for the stream of an execution",
      description =
          "For an EventSource, which cannot send headers: ?ticket=. To be used within 60 seconds;"
              + " reconnections work for 10 minutes.")
  @APIResponse(
      responseCode = "201",
      description = "Created",
      content = @Content(schema = @Schema(implementation = StreamTickets.IssuedTicket.class)))
  @APIResponse(responseCode = "404", description = "execution_not_found")
  public Response create(
      @PathParam("slug") String slug, @PathParam("executionId") String executionId) {
    UUID id = Ids.parse(executionId).orElseThrow(() -> Failure.notFound("execution", executionId));
    return Response.status(Response.Status.CREATED)
        .entity(tickets.issue(caller.workspaceId(), id, caller.userId()))
        .build();
  }
}
