package io.stepwell.workspace;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.http.ListAnswer;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.JsonInput;
import io.stepwell.kernel.PageRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The secrets of a workspace over HTTP: they go in and never come out. */
@Path("/api/workspaces/{slug}/secrets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Secrets")
public class SecretResource {
  private static final int MAX_VALUE = 65_536;

  // a shorter one could be guessed, and would be masked in what only looks like it
  private static final int MIN_VALUE = 6;

  private final Secrets secrets;
  private final Caller caller;

  SecretResource(Secrets secrets, Caller caller) {
    this.secrets = secrets;
    this.caller = caller;
  }

  /** The body of a secret. */
  @Schema(name = "WriteSecret")
  record WriteRequest(
      @Schema(required = true, minLength = MIN_VALUE, maxLength = MAX_VALUE) String value) {

    static WriteRequest read(JsonNode body) {
      JsonInput input = JsonInput.of(body);
      WriteRequest request =
          new WriteRequest(
              input.requiredText(
                  "value",
                  MAX_VALUE,
                  value -> value.length() >= MIN_VALUE,
                  "is shorter than " + MIN_VALUE + " characters"));
      input.finish();
      return request;
    }

    @Override
    public String toString() {
      return "WriteRequest"; // never the value
    }
  }

  @PUT
  @Path("{name}")
  @Access(Role.EDITOR)
  @Operation(summary = "Create or replace a secret")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = WriteRequest.class)))
  @APIResponse(
      responseCode = "201",
      description = "Created",
      content = @Content(schema = @Schema(implementation = Secret.class)))
  @APIResponse(
      responseCode = "200",
      description = "Replaced",
      content = @Content(schema = @Schema(implementation = Secret.class)))
  @APIResponse(
      responseCode = "400",
      description = "invalid_request, malformed_json, invalid_secret_name")
  @APIResponse(responseCode = "409", description = "secrets_not_configured")
  public Response write(
      @PathParam("slug") String slug, @PathParam("name") String name, JsonNode body) {
    if (!Secrets.NAME.matcher(name).matches()) {
      throw Failure.malformed(
          "invalid_secret_name", "The name of a secret matches " + Secrets.NAME + ".");
    }
    WriteRequest request = WriteRequest.read(body);
    Secrets.Written written =
        secrets.write(caller.workspaceId(), name, request.value(), caller.userId());
    if (!written.created()) {
      return Response.ok(written.secret()).build();
    }
    return Response.status(Response.Status.CREATED)
        .header(
            HttpHeaders.LOCATION, "/api/workspaces/" + caller.workspaceSlug() + "/secrets/" + name)
        .entity(written.secret())
        .build();
  }

  @GET
  @Access(Role.EDITOR)
  @Operation(summary = "The names of the secrets of a workspace")
  @APIResponse(
      responseCode = "200",
      description = "A page, newest first",
      content = @Content(schema = @Schema(implementation = SecretList.class)))
  public ListAnswer list(
      @PathParam("slug") String slug,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    PageRequest request = PageRequest.of(Secrets.LIST, limit, cursor);
    return ListAnswer.of(Secrets.LIST, secrets.list(caller.workspaceId(), request));
  }

  @DELETE
  @Path("{name}")
  @Access(Role.EDITOR)
  @Operation(summary = "Delete a secret")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "404", description = "secret_not_found")
  public void delete(@PathParam("slug") String slug, @PathParam("name") String name) {
    secrets.delete(caller.workspaceId(), name, caller.userId());
  }

  /** The shape of a list, for the API's description. */
  @Schema(name = "SecretList")
  record SecretList(List<Secret> secrets, ListAnswer.Pagination pagination) {}
}
