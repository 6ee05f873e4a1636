package io.stepwell.action;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.workspace.Access;
import io.stepwell.workspace.Role;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Says which action types there are. */
@Path("/api/workspaces/{slug}/action-types")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Workflows")
public class ActionTypeResource {
  private final ActionCatalog catalog;

  ActionTypeResource(ActionCatalog catalog) {
    this.catalog = catalog;
  }

  /** An action type and the JSON Schema of its config. */
  @RegisterForReflection
  public record ActionTypeView(String type, ObjectNode configSchema) {}

  @GET
  @Access(Role.VIEWER)
  @Operation(summary = "The registered action types, each with the JSON Schema of its config")
  public ListAnswer list(
      @PathParam("slug") String slug,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of("actionTypes", limit, cursor);
    List<ActionTypeView> all =
        catalog.all().stream()
            .map(action -> new ActionTypeView(action.type(), action.configSchema()))
            .toList();
    int from = 0;
    if (request.before() != null) {
      while (from < all.size() && !id(all.get(from)).equals(request.before())) {
        from++;
      }
      from++;
    }
    List<ActionTypeView> rows =
        all.subList(Math.min(from, all.size()), Math.min(all.size(), from + request.fetch()));
    return ListAnswer.of(
        "actionTypes", Page.of(rows, request, "actionTypes", ActionTypeResource::id));
  }

  /** Types have no id; their cursors are made of a name's digest. */
  private static UUID id(ActionTypeView view) {
    return UUID.nameUUIDFromBytes(view.type().getBytes(StandardCharsets.UTF_8));
  }
}
