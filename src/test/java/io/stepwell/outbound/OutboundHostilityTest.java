package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that hang, flood or vanish, and callers that lose patience. */
@Timeout(30)
class OutboundHostilityTest {

  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

  private static Vertx vertx;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
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
  void start() {
    client =
        new OutboundHttpClient(
            vertx,
            Settings.allowing("127.0.0.0/8"),
            new SystemResolver(),
            new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    client.close();
  }

  @Test
  void a_silent_server_is_left_at_the_deadline() throws Exception {
    try (RawServer server = new RawServer(this::awaitClose)) {
      assertFails(Reason.TIMEOUT, server.url(), 1024, Duration.ofMillis(200));
      assertConnectionClosed();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 100\r\n\r\n", "X-Slow: "})
  void a_body_or_header_that_drips_is_left_at_the_deadline(String beginning) throws Exception {
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, HEAD + beginning);
          drip(socket);
        })) {
      assertFails(Reason.TIMEOUT, server.url(), 1024, Duration.ofMillis(300));
      assertConnectionClosed();
    }
  }

  @Test
  void an_endless_body_is_cut_at_the_bound() throws Exception {
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, HEAD + "Transfer-Encoding: chunked\r\n\r\n");
          String chunk = "400\r\n" + "x".repeat(0x400) + "\r\n";
          floodUntilClosed(socket, chunk);
        })) {
      assertFails(Reason.RESPONSE_TOO_LARGE, server.url(), 100_000, Duration.ofSeconds(20));
      assertConnectionClosed();
    }
  }

  @Test
  void a_gzip_bomb_is_cut_at_the_bound() throws Exception {
    byte[] bomb = gzip(new byte[50_000_000]);
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(
              socket,
              HEAD
                  + "Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: "
                  + bomb.length
                  + "\r\n\r\n");
          socket.getOutputStream().write(bomb);
        })) {
      assertFails(Reason.RESPONSE_TOO_LARGE, server.url(), 100_000, Duration.ofSeconds(20));
      assertFails(Reason.RESPONSE_TOO_LARGE, server.url(), 1000, Duration.ofSeconds(20));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
      })
  void an_answer_that_is_none_is_a_failed_connection(String answer) throws Exception {
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, answer);
        })) {
      assertFails(Reason.CONNECT_FAILED, server.url(), 1024, Duration.ofSeconds(20));
    }
  }

  @Test
  void an_interrupt_closes_the_connection_at_once() throws Exception {
    try (RawServer server = new RawServer(this::awaitClose)) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread caller = sendInBackground(server.url(), end);
      assertThat(requested.await(10, TimeUnit.SECONDS)).isTrue();

      caller.interrupt();

      assertThat(end.get(1, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      assertConnectionClosed();
    }
  }

  @Test
  void an_interrupt_within_the_body_closes_the_connection_at_once() throws Exception {
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          RawServer.write(socket, HEAD + "Content-Length: 100\r\n\r\nsome");
          requested.countDown();
          closed.complete(socket.getInputStream().read());
        })) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread caller = sendInBackground(server.url(), end);
      assertThat(requested.await(10, TimeUnit.SECONDS)).isTrue();

      caller.interrupt();

      assertThat(end.get(1, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      assertConnectionClosed();
    }
  }

  @Test
  void an_interrupted_caller_sends_nothing() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (RawServer server = new RawServer(socket -> connections.incrementAndGet())) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> client.send(request("GET", server.url(), 1, Duration.ofSeconds(5))))
          .isInstanceOf(InterruptedException.class);
      assertThat(connections).hasValue(0);
    }
  }

  @Test
  void a_kept_connection_that_died_is_reported_and_the_request_not_sent_again() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    AtomicInteger sent = new AtomicInteger();
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          requests.incrementAndGet();
          RawServer.write(socket, HEAD + "Content-Length: 2\r\n\r\nok");
          // a second request is read, and the connection closed for an answer
          if (!RawServer.readHead(socket).isEmpty()) {
            requests.incrementAndGet();
          }
        })) {
      // a request may come before the connection of the last one is kept, and get its own
      await().atMost(Duration.ofSeconds(20)).until(() -> isCutOff(server, sent));

      assertThat(sent).hasValueGreaterThan(1);
      assertThat(requests).hasValue(sent.get());
    }
  }

  private boolean isCutOff(RawServer server, AtomicInteger sent) throws InterruptedException {
    sent.incrementAndGet();
    try {
      client.send(request("POST", server.url(), 1024, Duration.ofSeconds(20)));
      return false;
    } catch (OutboundException e) {
      assertThat(e.reason()).isEqualTo(Reason.CONNECT_FAILED);
      return true;
    }
  }

  @Test
  void a_cut_request_does_not_harm_the_next_one() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          if (requests.incrementAndGet() == 1) {
            closed.complete(socket.getInputStream().read());
          } else {
            RawServer.write(socket, HEAD + "Content-Length: 2\r\n\r\nok");
          }
        })) {
      assertFails(Reason.TIMEOUT, server.url(), 1024, Duration.ofMillis(200));

      assertThat(client.send(request("GET", server.url(), 1024, Duration.ofSeconds(20))).body())
          .asString()
          .isEqualTo("ok");
    }
  }

  @Test
  void a_name_service_that_hangs_is_left_at_the_deadline_and_on_interrupt() throws Exception {
    CountDownLatch asked = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    Resolver hanging =
        name -> {
          asked.countDown();
          awaitUninterruptibly(never);
          return List.of();
        };
    var waiting =
        new OutboundHttpClient(
            vertx, Settings.allowing("127.0.0.0/8"), hanging, new SimpleMeterRegistry());
    String url = "http://slow.example/";

    assertThatThrownBy(() -> waiting.send(request("GET", url, 1024, Duration.ofMillis(200))))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(Reason.TIMEOUT, OutboundException::reason);
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread caller = Thread.ofVirtual().start(() -> end.complete(failure(waiting, url)));
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();

    assertThat(end.get(1, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    never.countDown();
    waiting.close();
  }

  private void awaitClose(Socket socket) throws IOException {
    RawServer.readHead(socket);
    requested.countDown();
    closed.complete(socket.getInputStream().read());
  }

  private void drip(Socket socket) throws Exception {
    try {
      while (true) {
        RawServer.write(socket, "x");
        // paced by a read that finds nothing, and ends with the connection
        socket.setSoTimeout(20);
        try {
          closed.complete(socket.getInputStream().read());
          return;
        } catch (SocketTimeoutException nothingYet) {
          // go on
        }
      }
    } catch (IOException e) {
      closed.complete(-1);
    }
  }

  private void floodUntilClosed(Socket socket, String text) {
    try {
      while (true) {
        RawServer.write(socket, text);
      }
    } catch (IOException e) {
      closed.complete(-1);
    }
  }

  private void assertConnectionClosed() {
    await().atMost(Duration.ofSeconds(1)).until(closed::isDone);
    assertThat(closed).isCompletedWithValue(-1);
  }

  private Thread sendInBackground(String url, CompletableFuture<Throwable> end) {
    return Thread.ofVirtual().start(() -> end.complete(failure(client, url)));
  }

  private static Throwable failure(OutboundHttpClient client, String url) {
    try {
      client.send(request("GET", url, 1024, Duration.ofSeconds(20)));
      return new AssertionError("it answered");
    } catch (OutboundException | InterruptedException e) {
      return e;
    }
  }

  private void assertFails(Reason reason, String url, long max, Duration deadline) {
    assertThatThrownBy(() -> client.send(request("GET", url, max, deadline)))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(reason, OutboundException::reason);
  }

  private static OutboundRequest request(String method, String url, long max, Duration deadline) {
    return new OutboundRequest(
        Settings.WORKSPACE, method, URI.create(url), Map.of(), null, true, false, max, deadline);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // as deaf as the JDK's own lookup
      }
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
