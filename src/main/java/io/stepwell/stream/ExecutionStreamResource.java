package io.stepwell.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.stepwell.execution.ExecutionQueries;
import io.stepwell.execution.ExecutionQueries.Since;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Caller;
import io.stepwell.workspace.Role;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Streams what happens to an execution, as Server-Sent Events. */
@Path("/api/workspaces/{slug}/workflows")
@Tag(name = "Executions")
public class ExecutionStreamResource {
  private static final long RECONNECT_MILLIS = 2000;

  private final Caller caller;
  private final ExecutionQueries queries;
  private final ExecutionFeed feed;
  private final ObjectMapper mapper;

  ExecutionStreamResource(
      Caller caller, ExecutionQueries queries, ExecutionFeed feed, ObjectMapper mapper) {
    this.caller = caller;
    this.queries = queries;
    this.feed = feed;
    this.mapper = mapper;
  }

  @GET
  @Path("/executions/{executionId}/stream")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Blocking
  @Access(value = Role.VIEWER, ticket = true)
  @Operation(
      summary = "Watch an execution live",
      description =
          "Events: connected, step, progress, complete. Last-Event-ID resumes; ?ticket= stands in"
              + " for a key, since a browser's EventSource sends no headers.")
  @APIResponse(responseCode = "200", description = "The events so far, then as they happen")
  @APIResponse(responseCode = "204", description = "The client has seen the end already")
  public Multi<OutboundSseEvent> stream(
      @PathParam("slug") String slug,
      @PathParam("executionId") String executionId,
      @Parameter(description = "From stream-tickets, instead of a key") @QueryParam("ticket")
          @Nullable String ticket,
      @Parameter(description = "The last event that the client has seen")
          @HeaderParam("Last-Event-ID")
          @Nullable String lastEventId,
      @Context Sse sse,
      @Context RoutingContext context) {
    EventId seen =
        lastEventId == null || lastEventId.isEmpty() ? EventId.START : EventId.parse(lastEventId);
    UUID workspaceId = caller.workspaceId();
    UUID id = queries.existing(workspaceId, executionId);
    if (seen.part() == EventId.Part.COMPLETE && hasEndedAt(workspaceId, id, seen)) {
      throw new WebApplicationException(Response.noContent().build());
    }
    HttpServerResponse response = context.response();
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.putHeader("X-Accel-Buffering", "no");
    Multi<OutboundSseEvent> events =
        feed.subscribe(workspaceId, id, seen).map(event -> write(event, sse));
    return Multi.createBy()
        .concatenating()
        .streams(
            Multi.createFrom()
                .item(sse.newEventBuilder().reconnectDelay(RECONNECT_MILLIS).comment("").build()),
            events);
  }

  /** A retry may have continued the execution since: then there is more to tell. */
  private boolean hasEndedAt(UUID workspaceId, UUID executionId, EventId seen) {
    Since since = queries.since(workspaceId, executionId, seen.change(), bytes -> false);
    return since.execution().status().isTerminal() && since.change() == seen.change();
  }

  private OutboundSseEvent write(StreamEvent event, Sse sse) {
    return switch (event) {
      case StreamEvent.Connected e -> write("connected", e.id(), e.state(), sse);
      case StreamEvent.StepChanged e -> write("step", e.id(), e.step(), sse);
      case StreamEvent.ProgressMade e -> write("progress", e.id(), e.progress(), sse);
      case StreamEvent.Complete e -> write("complete", e.id(), e.end(), sse);
      case StreamEvent.Heartbeat e -> sse.newEventBuilder().comment("heartbeat").build();
    };
  }

  private OutboundSseEvent write(String name, EventId id, Object data, Sse sse) {
    try {
      return sse.newEventBuilder()
          .name(name)
          .id(id.toString())
          .data(mapper.writeValueAsString(data))
          .build();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event does not write", e);
    }
  }
}
