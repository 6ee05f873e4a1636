package io.stepwell.workspace;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** A method for each role, and a stream. Only in tests. */
@Path("/api/workspaces/{slug}/probe")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CallerProbeResource {
  private final Caller caller;

  CallerProbeResource(Caller caller) {
    this.caller = caller;
  }

  @GET
  @Access
  public Map<String, Object> viewer() {
    return Map.of(
        "workspaceId", caller.workspaceId(),
        "slug", caller.workspaceSlug(),
        "userId", caller.userId(),
        "role", caller.role(),
        "instanceAdministrator", caller.instanceAdministrator());
  }

  @POST
  @Access(Role.OPERATOR)
  public Map<String, Object> operator() {
    return viewer();
  }

  @PUT
  @Access(Role.EDITOR)
  public Map<String, Object> editor() {
    return viewer();
  }

  @DELETE
  @Access(Role.ADMIN)
  public Map<String, Object> admin() {
    return viewer();
  }

  @POST
  @Path("instance")
  @Access(instanceAdministrator = true)
  public Map<String, Object> instance() {
    return viewer();
  }

  @GET
  @Path("stream/{executionId}")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Blocking // or Quarkus complains that a stream does not block by nature
  @Access(ticket = true)
  public Multi<String> stream() {
    return Multi.createFrom().items(1, 2).map(n -> n + " " + caller.userId());
  }

  @GET
  @Path("no-ticket/{executionId}")
  @Access
  public Map<String, Object> noTicket() {
    return viewer();
  }
}
