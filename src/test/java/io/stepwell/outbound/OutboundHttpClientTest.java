package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.kernel.Room;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboundHttpClientTest {

  private static Vertx vertx;

  private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private OutboundHttpClient client;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    client =
        new OutboundHttpClient(
            vertx,
            Settings.allowing("127.0.0.0/8"),
            new SystemResolver(),
            new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    server.stop(0);
    client.close();
  }

  @Test
  void a_request_arrives_as_given_and_the_response_comes_back_whole() throws Exception {
    server.createContext(
        "/",
        exchange -> {
          note(exchange);
          seen.add(String.valueOf(exchange.getRequestHeaders().get("X-Two")));
          seen.add(exchange.getRequestHeaders().getFirst("Host"));
          seen.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.getResponseHeaders().put("X-Many", List.of("a", "b"));
          answer(exchange, 418, "tea");
        });

    OutboundResponse response =
        client.send(
            request("POST", "/pot?full=1", Map.of("X-Two", List.of("1", "2")), "hello", 1024));

    assertThat(seen)
        .containsExactly(
            "POST /pot?full=1", "[1, 2]", "127.0.0.1:" + server.getAddress().getPort(), "hello");
    assertThat(response.status()).isEqualTo(418);
    assertThat(response.headers()).containsEntry("x-many", List.of("a", "b"));
    assertThat(response.body()).asString().isEqualTo("tea");
    assertThat(response.durationMs()).isBetween(0L, 10_000L);
  }

  @Test
  void a_post_without_a_body_says_that_it_has_none() throws Exception {
    server.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders().getFirst("Content-Length"));
          answer(exchange, 200, "");
        });

    client.send(request("POST", "/", Map.of(), null, 1024));

    assertThat(seen).containsExactly("0");
  }

  @Test
  void an_ipv6_host_is_reached_and_named_in_brackets() throws Exception {
    HttpServer six = HttpServer.create(new InetSocketAddress("::1", 0), 0);
    six.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders().getFirst("Host"));
          answer(exchange, 200, "");
        });
    six.start();
    int port = six.getAddress().getPort();
    var allowing =
        new OutboundHttpClient(
            vertx, Settings.allowing("::1"), new SystemResolver(), new SimpleMeterRegistry());
    try {
      allowing.send(get("http://[::1]:" + port + "/", false, 1024));
    } finally {
      allowing.close();
      six.stop(0);
    }

    assertThat(seen).containsExactly("[::1]:" + port);
  }

  @Test
  void nothing_is_sent_to_a_denied_address() {
    server.createContext("/", this::noteAndAnswer);
    var strict =
        new OutboundHttpClient(
            vertx, Settings.outbound(Map.of()), new SystemResolver(), new SimpleMeterRegistry());

    assertFails(Reason.ADDRESS_DENIED, () -> strict.send(get(url("/"), false, 1024)));
    assertFails(
        Reason.ADDRESS_DENIED,
        () -> strict.send(get(url("/").replace("127.0.0.1", "localhost"), false, 1024)));

    assertThat(seen).isEmpty();
    strict.close();
  }

  @Test
  void a_bad_allow_list_stops_the_start() {
    OutboundConfig config = Settings.allowing("127.0.0.0/8,10.0.0.0/99");

    assertThatThrownBy(() ->
            new OutboundHttpClient(vertx, config, new SystemResolver(), new SimpleMeterRegistry()))
        .hasMessageContaining("10.0.0.0/99");
  }

  @Test
  void a_name_is_resolved_once_and_that_address_is_connected_to() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    Resolver rebinding =
        name -> List.of(InetAddress.getByName("127.0.0." + lookups.incrementAndGet()));
    HttpServer inside = HttpServer.create(new InetSocketAddress("127.0.0.2", port()), 0);
    inside.createContext("/", exchange -> answer(exchange, 200, "inside"));
    inside.start();
    server.createContext("/", this::noteAndAnswer);
    var picky =
        new OutboundHttpClient(
            vertx, Settings.allowing("127.0.0.1/32"), rebinding, new SimpleMeterRegistry());
    try {
      OutboundRequest request = get("http://rebind.example:" + port() + "/", false, 1024);

      assertThat(picky.send(request).body()).asString().isEqualTo("ok");
      assertThat(lookups).hasValue(1);
      assertFails(Reason.ADDRESS_DENIED, () -> picky.send(request));
      assertThat(seen).containsExactly("GET /");
    } finally {
      picky.close();
      inside.stop(0);
    }
  }

  @Test
  void redirects_are_not_followed_unless_asked_for() throws Exception {
    redirect("/a", "/b");

    assertThat(client.send(get(url("/a"), false, 1024)).status()).isEqualTo(302);
  }

  @Test
  void five_redirects_are_followed_and_the_sixth_is_returned() throws Exception {
    redirect("/loop", "/loop");

    OutboundResponse response = client.send(get(url("/loop"), true, 1024));

    assertThat(response.status()).isEqualTo(302);
    assertThat(seen).hasSize(6);
  }

  @Test
  void a_redirect_to_a_denied_address_is_refused() {
    redirect("/a", "http://169.254.169.254/latest/meta-data/");

    assertFails(Reason.ADDRESS_DENIED, () -> client.send(get(url("/a"), true, 1024)));
  }

  @Test
  void a_redirect_to_another_origin_carries_no_credentials() throws Exception {
    HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    other.createContext(
        "/",
        exchange -> {
          note(exchange);
          exchange.getRequestHeaders().keySet().forEach(seen::add);
          answer(exchange, 200, "there");
        });
    other.start();
    redirect("/a", "http://127.0.0.1:" + other.getAddress().getPort() + "/there");
    OutboundRequest request =
        new OutboundRequest(
            Settings.WORKSPACE,
            "POST",
            URI.create(url("/a")),
            Map.of("Authorization", List.of("Bearer t"), "X-Api-Key", List.of("k")),
            "hello".getBytes(StandardCharsets.UTF_8),
            true,
            false,
            1024,
            Duration.ofSeconds(10));

    OutboundResponse response = client.send(request);
    other.stop(0);

    assertThat(response.body()).asString().isEqualTo("there");
    assertThat(seen)
        .contains("POST /a", "GET /there", "Host")
        .doesNotContain("Authorization", "X-api-key");
  }

  @Test
  void a_response_of_the_bound_is_taken_and_one_byte_more_refused() throws Exception {
    server.createContext("/", exchange -> answer(exchange, 200, "12345678"));

    assertThat(client.send(get(url("/"), false, 8)).body()).hasSize(8);
    assertFails(Reason.RESPONSE_TOO_LARGE, () -> client.send(get(url("/"), false, 7)));
  }

  @Test
  void a_large_body_is_received_only_once_there_is_room() throws Exception {
    byte[] body = "x".repeat(8_000_000).getBytes(StandardCharsets.US_ASCII);
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger sentWhenAsked = new AtomicInteger();
    AtomicLong asked = new AtomicLong();
    try (RawServer raw =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
          for (int at = 0; at < body.length; at += 100_000) {
            socket.getOutputStream().write(body, at, 100_000);
            sent.addAndGet(100_000);
          }
        })) {
      Room room =
          new Room() {
            @Override
            public void take(long bytes) {
              asked.set(bytes);
              sentWhenAsked.set(sent.get());
            }

            @Override
            public void give() {}
          };

      assertThat(client.send(get(raw.url(), false, body.length), room).body()).isEqualTo(body);
      assertThat(asked).hasValueGreaterThanOrEqualTo(body.length);
      assertThat(sentWhenAsked).hasValueLessThan(body.length);
    }
  }

  @Test
  void one_that_gets_no_room_ends_with_its_thread() throws Exception {
    try (RawServer raw =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(200_000));
        })) {
      Room none =
          new Room() {
            @Override
            public void take(long bytes) throws InterruptedException {
              throw new InterruptedException();
            }

            @Override
            public void give() {}
          };

      assertThatThrownBy(() -> client.send(get(raw.url(), false, 1 << 20), none))
          .isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void headers_without_end_are_refused() throws Exception {
    try (RawServer raw =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, "HTTP/1.1 200 OK\r\n");
          for (int i = 0; i < 10_000; i++) {
            RawServer.write(socket, "X-" + i + ": " + "v".repeat(1000) + "\r\n");
          }
        })) {
      assertFails(Reason.RESPONSE_TOO_LARGE, () -> client.send(get(raw.url(), false, 1024)));
    }
  }

  @Test
  void a_refused_connection_can_be_tried_again() throws Exception {
    RawServer raw = new RawServer(socket -> {});
    String url = raw.url() + "?token=secret";
    raw.close();

    assertThatThrownBy(() -> client.send(get(url, false, 1024)))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns("connect_failed", OutboundException::code)
        .returns(true, OutboundException::retryable)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void a_request_tells_no_secrets_when_it_is_logged() {
    OutboundRequest request =
        request("POST", "/?k=secret", Map.of("Authorization", List.of("secret")), "secret", 1);

    assertThat(request.toString()).contains("POST").doesNotContain("secret");
  }

  private void redirect(String path, String location) {
    server.createContext(
        path,
        exchange -> {
          note(exchange);
          exchange.getResponseHeaders().add("Location", location);
          answer(exchange, 302, "");
        });
  }

  private void noteAndAnswer(HttpExchange exchange) throws IOException {
    note(exchange);
    answer(exchange, 200, "ok");
  }

  private void note(HttpExchange exchange) {
    seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  private OutboundRequest request(
      String method,
      String path,
      Map<String, List<String>> headers,
      @Nullable String body,
      long max) {
    return new OutboundRequest(
        Settings.WORKSPACE,
        method,
        URI.create(url(path)),
        headers,
        body == null ? null : body.getBytes(StandardCharsets.UTF_8),
        false,
        false,
        max,
        Duration.ofSeconds(10));
  }

  private static OutboundRequest get(String url, boolean followRedirects, long max) {
    return new OutboundRequest(
        Settings.WORKSPACE,
        "GET",
        URI.create(url),
        Map.of(),
        null,
        followRedirects,
        false,
        max,
        Duration.ofSeconds(10));
  }

  private static void assertFails(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(reason, OutboundException::reason);
  }
}
