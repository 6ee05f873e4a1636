package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.StorableJson;
import io.stepwell.outbound.OutboundResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** The body of a response as a JSON value that can be stored, whatever was sent. */
final class ResponseBody {
  private static final String CHARSET = "charset=";

  private final byte[] bytes;
  private final String mediaType;
  private final Charset charset;

  private ResponseBody(byte[] bytes, String mediaType, Charset charset) {
    this.bytes = bytes;
    this.mediaType = mediaType;
    this.charset = charset;
  }

  static ResponseBody of(OutboundResponse response) {
    String[] parts = response.header("content-type").orElse("").split(";");
    String mediaType = parts.length == 0 ? "" : parts[0].strip().toLowerCase(Locale.ROOT);
    return new ResponseBody(response.body(), mediaType, charset(parts));
  }

  private static Charset charset(String[] parts) {
    for (String part : parts) {
      String parameter = part.strip();
      if (parameter.regionMatches(true, 0, CHARSET, 0, CHARSET.length())) {
        try {
          return Charset.forName(parameter.substring(CHARSET.length()).replace("\"", ""));
        } catch (IllegalArgumentException unknown) {
          return StandardCharsets.UTF_8;
        }
      }
    }
    return StandardCharsets.UTF_8;
  }

  /** The text; empty where the bytes are none in their charset, or none that can be stored. */
  Optional<String> text() {
    String text;
    try {
      text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
    if (StorableJson.problem(TextNode.valueOf(text)).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
  }

  /**
   * Null when there is no body, the value of a JSON body, the text of another, and Base64 of what
   * is no text.
   */
  JsonNode value() {
    if (bytes.length == 0) {
      return NullNode.getInstance();
    }
    return text()
        .map(text -> isJson(text) ? parsed(text) : TextNode.valueOf(text))
        .orElseGet(() -> TextNode.valueOf(Base64.getEncoder().encodeToString(bytes)));
  }

  private boolean isJson(String text) {
    if (mediaType.isEmpty()) {
      String start = text.stripLeading();
      return start.startsWith("{") || start.startsWith("[");
    }
    return mediaType.endsWith("/json") || mediaType.endsWith("+json");
  }

  private static JsonNode parsed(String text) {
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (Failure notJson) {
      // what the server says of its body is not always true; the workflow sees what came
      return TextNode.valueOf(text);
    }
  }
}
