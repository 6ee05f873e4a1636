package io.stepwell.durability;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Takes traces as any OpenTelemetry collector does: OTLP over HTTP, in protobuf. */
final class SpanCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<ExportTraceServiceRequest> received = new CopyOnWriteArrayList<>();

  /** A span that a replica has exported. */
  record Span(
      String replica,
      String traceId,
      String id,
      String parent,
      String name,
      boolean failed,
      Map<String, String> attributes) {

    String traceParent() {
      return "00-" + traceId + "-" + id + "-01";
    }
  }

  private SpanCollector(HttpServer server) {
    this.server = server;
  }

  static SpanCollector open() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      SpanCollector collector = new SpanCollector(server);
      server.createContext("/v1/traces", collector::take);
      server.start();
      return collector;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      received.add(ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  /** What came of one trace. */
  List<Span> trace(String traceId) {
    List<Span> spans = new ArrayList<>();
    for (ExportTraceServiceRequest request : received) {
      for (ResourceSpans resource : request.getResourceSpansList()) {
        String replica =
            attributes(resource.getResource().getAttributesList()).get("service.instance.id");
        resource.getScopeSpansList().stream()
            .flatMap(scope -> scope.getSpansList().stream())
            .map(span -> span(String.valueOf(replica), span))
            .filter(span -> span.traceId().equals(traceId))
            .forEach(spans::add);
      }
    }
    return spans;
  }

  private static Span span(String replica, io.opentelemetry.proto.trace.v1.Span span) {
    return new Span(
        replica,
        hex(span.getTraceId()),
        hex(span.getSpanId()),
        hex(span.getParentSpanId()),
        span.getName(),
        span.getStatus().getCodeValue() == 2,
        attributes(span.getAttributesList()));
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                attribute ->
                    attribute.getValue().hasIntValue()
                        ? Long.toString(attribute.getValue().getIntValue())
                        : attribute.getValue().getStringValue()));
  }

  /** Everything that came, readable. */
  String everything() {
    return received.toString();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
