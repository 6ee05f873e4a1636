package io.stepwell.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Locale;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON body of a request, strictly and up to a limit.
 *
 * <p>No body at all, whatever its content type, reads as a {@link MissingNode}: a method that needs
 * one hands it to {@code JsonInput.of}, which refuses it; one that does not asks {@code
 * isMissingNode()}.
 */
@Provider
@Consumes(MediaType.WILDCARD)
final class JsonBodyReader implements ServerMessageBodyReader<JsonNode> {
  private final BoundedBody bounded;
  private final BodyMemory memory;

  JsonBodyReader(BoundedBody bounded, BodyMemory memory) {
    this.bounded = bounded;
    this.memory = memory;
  }

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, ResteasyReactiveResourceInfo method, MediaType mediaType) {
    return type == JsonNode.class;
  }

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return type == JsonNode.class;
  }

  @Override
  public JsonNode readFrom(
      Class<JsonNode> type, Type genericType, MediaType mediaType, ServerRequestContext context)
      throws IOException {
    return json(
        bounded.read(
            context.getInputStream(),
            announced(context.getRequestHeaders().getHeaderString(HttpHeaders.CONTENT_LENGTH)),
            context.serverResponse()),
        context.getRequestHeaders().getHeaderString(HttpHeaders.CONTENT_TYPE));
  }

  @Override
  public JsonNode readFrom(
      Class<JsonNode> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, String> headers,
      InputStream stream) {
    throw new IllegalStateException("the server always reads with its own context");
  }

  private static long announced(@Nullable String contentLength) {
    try {
      return contentLength == null ? 0 : Long.parseLong(contentLength);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private JsonNode json(byte[] body, @Nullable String contentType) {
    if (body.length == 0) {
      return MissingNode.getInstance();
    }
    if (!isJson(contentType)) {
      throw Failure.of(
          Failure.Kind.UNSUPPORTED_MEDIA_TYPE,
          HttpStatus.UNSUPPORTED_MEDIA_TYPE.defaultCode(),
          HttpStatus.UNSUPPORTED_MEDIA_TYPE.defaultDetail());
    }
    return memory.inTurn(() -> Json.parse(body));
  }

  private static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    try {
      MediaType type = MediaType.valueOf(contentType);
      String subtype = type.getSubtype().toLowerCase(Locale.ROOT);
      String charset = type.getParameters().getOrDefault("charset", "utf-8");
      return type.getType().equalsIgnoreCase("application")
          && (subtype.equals("json") || subtype.endsWith("+json"))
          && charset.equalsIgnoreCase("utf-8");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
