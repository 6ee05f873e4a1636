package io.stepwell.execution;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.workspace.Access;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What whoever runs this instance asks about all its workspaces. */
@Path("/api/instance")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Instance")
public class InstanceResource {
  private final DueExecutions executions;

  InstanceResource(DueExecutions executions) {
    this.executions = executions;
  }

  /** When the next execution is due, and how many are. */
  public record NextDue(@Schema(nullable = true) @Nullable Instant nextDueAt, int due) {}

  @GET
  @Path("/next-due")
  @Access(instanceAdministrator = true)
  @Operation(
      summary = "When the next execution needs a replica",
      description =
          """
          For the instance administrator, before the last replica stops: nextDueAt is when one has to run again, in \
          the past where an execution is due already, null when none will be by itself. due counts those that are \
          due now, up to 10000.\
          """)
  public NextDue nextDue() throws SQLException {
    DueExecutions.Due found = executions.look();
    return new NextDue(found.nextDueAt().orElse(null), found.due());
  }
}
