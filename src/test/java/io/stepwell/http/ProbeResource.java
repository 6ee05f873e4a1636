package io.stepwell.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonInput;
import io.stepwell.workspace.Access;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.InternalServerErrorException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/** Shows what a resource sees and how its failures are answered. Only in tests. */
@Path("/api/probe")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ProbeResource {
  /** Values that the answer mapper has to write in its own way. */
  public record Values(
      Instant whole, Instant nanos, @Nullable String nothing, BigDecimal exact, JsonNode tree) {}

  @GET
  @Path("/values")
  @Access(anyWorkspace = true)
  public Values values() {
    return new Values(
        Instant.parse("2026-11-22T19:44:15Z"),
        Instant.parse("2026-11-22T19:44:15.123456789Z"),
        null,
        new BigDecimal("1.10"),
        Json.read("{\"n\":1.100}"));
  }

  @POST
  @Path("/size")
  @Access(anyWorkspace = true)
  public Map<String, Object> size(JsonNode body) {
    return Map.of("missing", body.isMissingNode(), "length", body.toString().length());
  }

  @POST
  @Path("/strict")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(anyWorkspace = true)
  public Map<String, Object> strict(@Nullable JsonNode body) {
    return size(body);
  }

  @POST
  @Path("/object")
  @Access(anyWorkspace = true)
  public Map<String, Object> object(JsonNode body) {
    JsonInput input = JsonInput.of(body);
    input.text("text", 10);
    input.any("any");
    input.finish();
    return Map.of();
  }

  @GET
  @Path("/fail/{how}")
  @Access(anyWorkspace = true)
  public Response fail(@PathParam("how") String how) throws SQLException {
    switch (how) {
      case "bug" -> throw new IllegalStateException("internal secret");
      case "error" -> throw new StackOverflowError("internal secret");
      case "database" -> throw new RuntimeException(new SQLException("gone", "57P01"));
      case "pool" ->
          throw new RuntimeException(
              new SQLException("Acquisition timeout while waiting for new connection"));
      case "constraint" -> throw new RuntimeException(new SQLException("internal secret", "23505"));
      case "teapot" -> throw new WebApplicationException("internal secret", 418);
      case "server" -> throw new InternalServerErrorException("internal secret");
      case "limited" -> throw Failure.limited("slow_down", "Slower.", Duration.ofMillis(2100));
      default -> throw Failure.of(Failure.Kind.valueOf(how), "some_code", "Some detail.");
    }
  }

  @GET
  @Path("/mdc")
  @Access(anyWorkspace = true)
  public Map<String, Object> mdc() {
    return Map.of(
        "requestId",
        String.valueOf(MDC.get("requestId")),
        "virtual",
        Thread.currentThread().isVirtual());
  }

  @GET
  @Path("/cached")
  @Access(anyWorkspace = true)
  public Response cached() {
    return Response.ok(Map.of()).header("Cache-Control", "max-age=60").build();
  }

  @GET
  @Path("/forgotten")
  public Map<String, Object> forgotten() {
    return Map.of();
  }

  @GET
  @Path("/nowhere")
  @Access
  public Map<String, Object> nowhere() {
    return Map.of();
  }
}
