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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A method for each role, a stream, and one that forgets in which workspace it is. Only in tests.
 */
@Path("/api/workspaces/{slug}/probe")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CallerProbeResource {
  private final Caller caller;
  private final DataSource database;

  CallerProbeResource(Caller caller, DataSource database) {
    this.caller = caller;
    this.database = database;
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

  /** The workspaces of all entries of the audit that it sees. */
  @GET
  @Path("forgetful")
  @Access
  public Set<UUID> forgetful(@QueryParam("beside") @Nullable UUID other) {
    return other == null
        ? Forgetful.workspacesSeen(database)
        : WorkspaceScope.call(other, () -> Forgetful.workspacesSeen(database));
  }
}
