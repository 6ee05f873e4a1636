package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.expression.ConfigTemplate;
import io.stepwell.expression.TemplateError;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonSize;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Room;
import io.stepwell.outbound.OutboundException;
import io.stepwell.outbound.OutboundHttpClient;
import io.stepwell.outbound.OutboundRequest;
import io.stepwell.outbound.OutboundResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Calls an HTTP API and gives its answer to the steps that follow. */
@ActionType("call_api")
@ApplicationScoped
public class CallApi implements ActionHandler {
  private static final long DEFAULT_MAX_RESPONSE_BYTES = 1 << 20;

  // of an answer, which are never stored
  private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "set-cookie");

  // the engine's timeout interrupts the attempt long before, or at last then
  private static final Duration DEADLINE = Duration.ofHours(1);

  private static final String SCHEMA =
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Call an HTTP API",
        "type": "object",
        "additionalProperties": false,
        "required": ["url"],
        "properties": {
          "url": {
            "description": "Absolute http or https address; it may hold expressions.",
            "type": "string",
            "maxLength": 8192,
            "pattern": "^(?i:https?)://|\\\\{\\\\{"
          },
          "method": {
            "description": "The HTTP method, in upper or lower case.",
            "type": ["string", "null"],
            "pattern": "^(?i:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$",
            "default": "GET"
          },
          "headers": {
            "description": "Headers by name; one that is null is left out. Idempotency-Key and traceparent are added unless given.",
            "type": ["object", "null"],
            "maxProperties": 100,
            "additionalProperties": {"type": ["string", "null"]}
          },
          "query": {
            "description": "Parameters to append to the address, percent-encoded. An array gives one for each element, a null none.",
            "type": ["object", "null"],
            "maxProperties": 100,
            "additionalProperties": {
              "type": ["string", "number", "boolean", "array", "null"],
              "maxItems": 1000,
              "items": {"type": ["string", "number", "boolean", "null"]}
            }
          },
          "body": {
            "description": "What to send: a string as it is, another value as JSON, null nothing."
          },
          "successStatus": {
            "description": "The statuses that count as success: 200, \\"200\\", \\"2xx\\" or \\"200-204\\".",
            "type": ["array", "null"],
            "minItems": 1,
            "maxItems": 100,
            "items": {
              "type": ["string", "integer"],
              "pattern": "^[1-5](?i:xx|[0-9]{2}(-[1-5][0-9]{2})?)$",
              "minimum": 100,
              "maximum": 599
            },
            "default": ["2xx"]
          },
          "followRedirects": {
            "description": "Whether to follow up to five redirects.",
            "type": ["boolean", "null"],
            "default": false
          },
          "crossOriginBody": {
            "description": "Whether a redirect that repeats the body may lead to another origin.",
            "type": ["boolean", "null"],
            "default": false
          },
          "maxResponseBytes": {
            "description": "A response with a larger body is refused.",
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": 4194304,
            "default": 1048576
          }
        }
      }
      """;

  private final OutboundHttpClient client;
  private final InstantSource time;
  private final long largestTree;

  @Inject
  CallApi(OutboundHttpClient client, InstantSource time) {
    this(client, time, Runtime.getRuntime().maxMemory() / 2);
  }

  /**
   * @param largestTree bytes of the heap: a small text can have very many values, and each takes
   *     more of it than of the text
   */
  CallApi(OutboundHttpClient client, InstantSource time, long largestTree) {
    this.client = client;
    this.time = time;
    this.largestTree = largestTree;
  }

  @Override
  public ObjectNode configSchema() {
    return (ObjectNode) Json.read(SCHEMA);
  }

  @Override
  public ConfigTemplate template(ObjectNode config, String pointer, List<TemplateError> errors) {
    return Addresses.template(config, pointer, errors);
  }

  @Override
  public List<Problem> problems(ObjectNode config, String pointer) {
    return Addresses.problems(config, pointer);
  }

  @Override
  public ActionResult handle(ActionContext context) throws InterruptedException {
    Fields fields = new Fields(context.config());
    SuccessStatus success =
        fields.any("successStatus").map(SuccessStatus::of).orElse(SuccessStatus.DEFAULT);
    OutboundResponse response;
    try {
      response = client.send(request(context, fields), context.room());
    } catch (OutboundException e) {
      throw OutboundFailure.of(e);
    }
    if (!success.includes(response.status())) {
      throw HttpStatusFailure.of(response, time.instant());
    }
    return ActionResult.success(output(response, context.room()));
  }

  private static OutboundRequest request(ActionContext context, Fields fields) {
    Optional<JsonNode> body = fields.any("body");
    return new OutboundRequest(
        context.workspaceId(),
        fields.text("method").orElse("GET").toUpperCase(Locale.ROOT),
        uri(fields),
        StepHeaders.of(context, headers(fields, body)),
        body.map(CallApi::bytes).orElse(null),
        fields.flag("followRedirects"),
        fields.flag("crossOriginBody"),
        fields.number("maxResponseBytes").orElse(DEFAULT_MAX_RESPONSE_BYTES),
        DEADLINE);
  }

  private static URI uri(Fields fields) {
    String url = fields.required("url");
    String address = fields.any("query").map(query -> QueryString.append(url, query)).orElse(url);
    return Addresses.of(address);
  }

  private static Map<String, String> headers(Fields fields, Optional<JsonNode> body) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    fields
        .any("headers")
        .ifPresent(given ->
            given.properties().stream()
                .filter(header -> !header.getValue().isNull())
                .forEach(header -> headers.put(header.getKey(), header.getValue().asText())));
    body.ifPresent(value ->
        headers.putIfAbsent(
            "Content-Type", value.isTextual() ? "text/plain; charset=utf-8" : "application/json"));
    return headers;
  }

  private static byte[] bytes(JsonNode body) {
    String text = body.isTextual() ? body.textValue() : Json.write(body);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private ObjectNode output(OutboundResponse response, Room room) throws InterruptedException {
    if (response.body().length > OutboundHttpClient.LARGE_BODY) {
      long heap = JsonSize.ofTree(response.body());
      if (heap > largestTree) {
        throw ActionFailure.permanent(
            "response_too_large", "The response has more values than there is memory for.");
      }
      room.take(heap);
    }
    return read(response);
  }

  private static ObjectNode read(OutboundResponse response) {
    ObjectNode output = Json.object().put("status", response.status());
    ObjectNode headers = output.putObject("headers");
    response
        .headers()
        .forEach((name, values) -> {
          if (!CREDENTIALS.contains(name)) {
            headers.put(name, String.join(", ", values));
          }
        });
    output.set("body", ResponseBody.of(response).value());
    return output.put("durationMs", response.durationMs());
  }
}
