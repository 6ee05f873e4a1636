package io.stepwell.workspace;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.PageRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.InstantSource;
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

/** The keys of a workspace over HTTP. */
@Path("/api/workspaces/{slug}/api-keys")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "API keys")
public class ApiKeyResource {
  private static final int MAX_TEXT = 200;

  private final ApiKeys keys;
  private final Caller caller;
  private final InstantSource time;

  ApiKeyResource(ApiKeys keys, Caller caller, InstantSource time) {
    this.keys = keys;
    this.caller = caller;
    this.time = time;
  }

  /** The body of a creation. */
  @Schema(name = "CreateApiKey")
  record CreateRequest(
      @Schema(required = true, maxLength = MAX_TEXT) String name,
      @Schema(required = true) Role role,
      @Schema(maxLength = MAX_TEXT, description = "In whose name the key acts")
          Optional<String> userId,
      Optional<Instant> expiresAt) {

    static CreateRequest read(JsonNode body, Instant now) {
      JsonInput input = JsonInput.of(body);
      String name = input.requiredText("name", MAX_TEXT);
      input.require("role");
      Role role = input.choice("role", Role.class, Role::spelling).orElse(Role.VIEWER);
      Optional<String> userId = input.text("userId", MAX_TEXT);
      Optional<Instant> expiresAt = input.time("expiresAt");
      if (expiresAt.isPresent() && !expiresAt.get().isAfter(now)) {
        input.reject("expiresAt", "is in the past");
      }
      input.finish();
      return new CreateRequest(name, role, userId, expiresAt);
    }

    ApiKeys.Wish wish() {
      return new ApiKeys.Wish(name, role, userId.orElse(null), expiresAt.orElse(null));
    }
  }

  @POST
  @Access(Role.ADMIN)
  @Operation(
      summary = "Create an API key",
      description = "The answer shows the key this once; only a hash of it is stored.")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CreateRequest.class)))
  @APIResponse(
      responseCode = "201",
      description = "Created; Location is its path",
      content = @Content(schema = @Schema(implementation = IssuedKey.class)))
  @APIResponse(responseCode = "400", description = "invalid_request, malformed_json")
  public Response create(@PathParam("slug") String slug, JsonNode body) {
    CreateRequest request = CreateRequest.read(body, time.instant());
    IssuedKey issued = keys.issue(caller.workspaceId(), request.wish(), caller.userId());
    return Response.status(Response.Status.CREATED)
        .header(
            HttpHeaders.LOCATION,
            "/api/workspaces/" + caller.workspaceSlug() + "/api-keys/" + issued.id())
        .entity(issued)
        .build();
  }

  @GET
  @Access(Role.ADMIN)
  @Operation(summary = "The API keys of a workspace")
  @APIResponse(
      responseCode = "200",
      description = "A page, newest first",
      content = @Content(schema = @Schema(implementation = ApiKeyList.class)))
  public ListAnswer list(
      @PathParam("slug") String slug,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of(ApiKeys.LIST, limit, cursor);
    return ListAnswer.of(ApiKeys.LIST, keys.list(caller.workspaceId(), request));
  }

  @GET
  @Path("{keyId}")
  @Access(Role.ADMIN)
  @Operation(summary = "An API key, without its secret")
  @APIResponse(
      responseCode = "200",
      description = "The key",
      content = @Content(schema = @Schema(implementation = ApiKey.class)))
  @APIResponse(responseCode = "404", description = "api_key_not_found")
  public ApiKey get(@PathParam("slug") String slug, @PathParam("keyId") String keyId) {
    return keys.get(caller.workspaceId(), id(keyId));
  }

  @DELETE
  @Path("{keyId}")
  @Access(Role.ADMIN)
  @Operation(
      summary = "Revoke an API key",
      description = "At once on this replica, within 5 seconds on every other.")
  @APIResponse(responseCode = "204", description = "Revoked")
  @APIResponse(responseCode = "404", description = "api_key_not_found")
  public void delete(@PathParam("slug") String slug, @PathParam("keyId") String keyId) {
    keys.revoke(caller.workspaceId(), id(keyId), caller.userId());
  }

  private static UUID id(String keyId) {
    return Ids.parse(keyId).orElseThrow(() -> Failure.notFound("api_key", keyId));
  }

  /** The shape of a list, for the API's description. */
  @Schema(name = "ApiKeyList")
  record ApiKeyList(List<ApiKey> apiKeys, ListAnswer.Pagination pagination) {}
}
