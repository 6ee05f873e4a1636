package io.stepwell.action.builtin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.stepwell.outbound.OutboundConfig;
import io.stepwell.outbound.OutboundHttpClient;
import io.stepwell.outbound.SmtpConfig;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An HTTP server on this machine that gives one answer to everything, and keeps what it got. */
final class StubServer implements AutoCloseable {

  /** A request as it arrived. */
  record Seen(String method, String uri, Map<String, List<String>> headers, String body) {
    @Nullable String header(String name) {
      // the JDK's server writes names like this
      List<String> values =
          headers.get(name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1));
      return values == null ? null : String.join(" and ", values);
    }
  }

  record Answer(int status, Map<String, List<String>> headers, byte[] body) {}

  private final HttpServer server;
  private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
  private volatile Answer answer = new Answer(200, Map.of(), new byte[0]);

  StubServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /** A client that may call servers on this machine. */
  static OutboundHttpClient client(Vertx vertx) {
    return client(vertx, "127.0.0.0/8");
  }

  static OutboundHttpClient client(Vertx vertx, String allow) {
    return new OutboundHttpClient(
        vertx,
        config(OutboundConfig.class, Map.of("stepwell.outbound.allow", allow)),
        name -> List.of(InetAddress.getAllByName(name)),
        new SimpleMeterRegistry());
  }

  static OutboundConfig outbound() {
    return config(OutboundConfig.class, Map.of());
  }

  static SmtpConfig smtp(Map<String, String> properties) {
    return config(SmtpConfig.class, properties);
  }

  private static <T> T config(Class<T> mapping, Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(mapping)
        .withSources(new PropertiesConfigSource(properties, "test", 100))
        .build()
        .getConfigMapping(mapping);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void answers(int status, Map<String, List<String>> headers, byte[] body) {
    answer = new Answer(status, headers, body);
  }

  void answers(int status, Map<String, List<String>> headers, String body) {
    answers(status, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  Seen only() {
    if (seen.size() != 1) {
      throw new AssertionError("not one request: " + seen);
    }
    return seen.element();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Map.copyOf(exchange.getRequestHeaders()),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      Answer given = answer;
      given.headers().forEach((name, values) -> exchange.getResponseHeaders().put(name, values));
      exchange.sendResponseHeaders(
          given.status(), given.body().length == 0 ? -1 : given.body().length);
      if (given.body().length > 0) {
        exchange.getResponseBody().write(given.body());
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
