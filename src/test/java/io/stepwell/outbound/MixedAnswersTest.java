package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that say more than they were asked: each call gets the answer to its own request. */
@Timeout(60)
class MixedAnswersTest {

  private static final UUID ONE = new UUID(0, 1);
  private static final UUID OTHER = new UUID(0, 2);
  private static final String FINAL = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfinal";
  private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

  private static Vertx vertx;

  private final AtomicInteger connections = new AtomicInteger();
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

  static IntStream interimStatuses() {
    return IntStream.rangeClosed(100, 199).filter(status -> status != 101);
  }

  @ParameterizedTest
  @MethodSource("interimStatuses")
  void an_interim_answer_is_not_the_answer(int status) throws Exception {
    String interim = "HTTP/1.1 " + status + " Wait\r\nX-Interim: yes\r\n\r\n";
    try (RawServer server = answering(interim + interim, FINAL)) {
      OutboundResponse response = send(ONE, server, "GET");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).asString().isEqualTo("final");
      assertThat(response.header("x-interim")).isEmpty();
      assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      assertThat(connections).as("the connection is as good as new").hasValue(1);
    }
  }

  @Test
  void hundreds_of_interim_answers_in_one_packet_are_skipped() throws Exception {
    String interim = "HTTP/1.1 102 Processing\r\n\r\n".repeat(500);
    try (RawServer server = answering(interim + FINAL)) {
      assertThat(send(ONE, server, "POST").body()).asString().isEqualTo("final");
    }
  }

  @Test
  void a_server_that_is_never_done_with_interim_answers_is_left() throws Exception {
    try (RawServer server =
        new RawServer(socket -> {
          RawServer.readHead(socket);
          while (true) {
            RawServer.write(socket, "HTTP/1.1 102 Processing\r\n\r\n".repeat(100));
          }
        })) {
      assertThatThrownBy(() -> send(ONE, server, "GET"))
          .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
          .returns(Reason.RESPONSE_TOO_LARGE, OutboundException::reason);
    }
  }

  @Test
  void a_change_of_protocol_that_was_not_asked_for_is_a_failed_connection() throws Exception {
    try (RawServer server =
        answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", FINAL)) {
      assertThatThrownBy(() -> send(ONE, server, "GET"))
          .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
          .returns(Reason.CONNECT_FAILED, OutboundException::reason);
    }
  }

  static Stream<String> answersWithMoreBehind() {
    return Stream.of(
        "HTTP/1.1 204 No Content\r\n\r\n" + EVIL,
        "HTTP/1.1 204 No Content\r\n\r\nbody",
        "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 304 Not Modified\r\n\r\n" + EVIL,
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
        FINAL + EVIL,
        FINAL + "HTTP/1.1 20",
        FINAL + "\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nfinal",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfinal\r\n0\r\n\r\n" + EVIL);
  }

  @ParameterizedTest
  @MethodSource("answersWithMoreBehind")
  void a_connection_that_holds_more_than_the_answer_is_not_used_again(String answer)
      throws Exception {
    try (RawServer server = oddOnesAnswer(answer)) {
      for (int round = 0; round < 10; round++) {
        send(ONE, server, "GET");
        assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      }
    }
  }

  @Test
  void a_head_answer_with_a_body_spoils_its_connection_alone() throws Exception {
    try (RawServer server = oddOnesAnswer(FINAL)) {
      for (int round = 0; round < 10; round++) {
        assertThat(send(ONE, server, "HEAD").body()).isEmpty();
        assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {EVIL, "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.", "\r\n", "\u0000"})
  void what_arrives_while_nothing_is_asked_closes_the_connection(String unasked) throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(socket -> {
          boolean first = connections.incrementAndGet() == 1;
          RawServer.readHead(socket);
          RawServer.write(socket, FINAL);
          if (first) {
            Thread.sleep(100);
            RawServer.write(socket, unasked);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            closed.countDown();
          }
        })) {
      assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void workspaces_never_share_a_connection() throws Exception {
    try (RawServer server = answering(FINAL)) {
      for (int round = 0; round < 5; round++) {
        send(ONE, server, "GET");
        await().until(() -> connections.get() >= 1);
        send(OTHER, server, "GET");
      }
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void an_answer_that_comes_too_late_reaches_no_other_workspace() throws Exception {
    // what one workspace's own server sends after its answer must not be the answer to another's
    try (RawServer server =
        new RawServer(socket -> {
          boolean first = connections.incrementAndGet() == 1;
          RawServer.readHead(socket);
          RawServer.write(socket, FINAL);
          if (first) {
            // the next request on this connection finds this answer already there
            RawServer.readHead(socket);
            RawServer.write(socket, EVIL);
          }
        })) {
      assertThat(send(ONE, server, "GET").body()).asString().isEqualTo("final");
      assertThat(send(OTHER, server, "GET").body()).asString().isEqualTo("final");
    }
  }

  /** Sends these packets in answer to each request. */
  private RawServer answering(String... packets) {
    return new RawServer(socket -> {
      connections.incrementAndGet();
      while (!RawServer.readHead(socket).isEmpty()) {
        for (String packet : packets) {
          RawServer.write(socket, packet);
          Thread.sleep(5);
        }
      }
    });
  }

  /** Answers every other request like this, and those between well. */
  private static RawServer oddOnesAnswer(String answer) {
    AtomicInteger requests = new AtomicInteger();
    return new RawServer(socket -> serve(socket, requests, answer));
  }

  private static void serve(Socket socket, AtomicInteger requests, String answer)
      throws IOException {
    while (!RawServer.readHead(socket).isEmpty()) {
      RawServer.write(socket, requests.getAndIncrement() % 2 == 0 ? answer : FINAL);
    }
  }

  private OutboundResponse send(UUID workspace, RawServer server, String method)
      throws OutboundException, InterruptedException {
    return client.send(
        new OutboundRequest(
            workspace,
            method,
            URI.create(server.url()),
            Map.of(),
            null,
            false,
            false,
            1024,
            Duration.ofSeconds(20)));
  }
}
