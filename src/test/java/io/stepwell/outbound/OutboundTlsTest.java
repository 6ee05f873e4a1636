package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.ExtendedSSLSession;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboundTlsTest {

  @TempDir static Path folder;

  private static final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
  private static final Resolver HERE = name -> List.of(InetAddress.getByName("127.0.0.1"));
  private static Vertx vertx;
  private static TestCertificate certificate;
  private static HttpsServer server;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    certificate = TestCertificate.of(folder, "dns:secure.example,ip:127.0.0.1");
    server = HttpsServer.create(new InetSocketAddress("0.0.0.0", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
    server.createContext(
        "/",
        exchange -> {
          var session = (ExtendedSSLSession) ((HttpsExchange) exchange).getSSLSession();
          seen.add("host " + exchange.getRequestHeaders().getFirst("Host"));
          session.getRequestedServerNames().forEach(name -> seen.add(name.toString()));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void the_name_is_verified_though_the_connection_goes_to_the_resolved_address() throws Exception {
    seen.clear();

    assertThat(send(trusting(certificate.pem()), "secure.example").status()).isEqualTo(204);
    assertThat(seen)
        .hasSize(2)
        .contains("host secure.example:" + server.getAddress().getPort())
        .anyMatch(name -> name.contains("secure.example") && name.startsWith("type=host_name"));
  }

  @Test
  void an_address_is_verified_as_well() throws Exception {
    assertThat(send(trusting(certificate.pem()), "127.0.0.1").status()).isEqualTo(204);
  }

  @Test
  void a_certificate_of_another_name_is_refused() throws Exception {
    OutboundConfig config = trusting(certificate.pem());

    assertTlsError(config, "other.example");
    assertTlsError(config, "127.0.0.2");
  }

  @Test
  void an_unknown_authority_is_refused() throws Exception {
    assertTlsError(Settings.allowing("127.0.0.0/8"), "secure.example");
    assertTlsError(trusting(TestCertificate.of(folder, "dns:x.example").pem()), "secure.example");
  }

  @Test
  void a_server_that_speaks_no_tls_is_refused() throws Exception {
    try (RawServer plain =
        new RawServer(socket -> {
          socket.getInputStream().read();
          RawServer.write(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        })) {
      assertFails(Reason.TLS_ERROR, Settings.allowing("127.0.0.0/8"), "127.0.0.1", plain.port());
    }
  }

  @Test
  void a_connection_that_breaks_within_the_handshake_can_be_tried_again() throws Exception {
    try (RawServer rude = new RawServer(socket -> socket.getInputStream().read())) {
      assertFails(
          Reason.CONNECT_FAILED, Settings.allowing("127.0.0.0/8"), "127.0.0.1", rude.port());
    }
  }

  @Test
  void an_authority_file_that_cannot_be_read_stops_the_start() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty.pem"));

    assertThatThrownBy(
            () -> new OutboundHttpClient(vertx, trusting(empty), HERE, new SimpleMeterRegistry()))
        .hasMessageContaining("stepwell.outbound.tls-ca-file");
    assertThatThrownBy(() ->
            new OutboundHttpClient(
                vertx, trusting(folder.resolve("none.pem")), HERE, new SimpleMeterRegistry()))
        .hasMessageContaining("stepwell.outbound.tls-ca-file");
  }

  private static OutboundConfig trusting(Path pem) {
    return Settings.outbound(
        Map.of(
            "stepwell.outbound.allow",
            "127.0.0.0/8",
            "stepwell.outbound.tls-ca-file",
            pem.toString()));
  }

  private static OutboundResponse send(OutboundConfig config, String host) throws Exception {
    return send(config, host, server.getAddress().getPort());
  }

  private static OutboundResponse send(OutboundConfig config, String host, int port)
      throws Exception {
    var client = new OutboundHttpClient(vertx, config, HERE, new SimpleMeterRegistry());
    try {
      return client.send(
          new OutboundRequest(
              Settings.WORKSPACE,
              "GET",
              URI.create("https://" + host + ":" + port + "/"),
              Map.of(),
              null,
              false,
              false,
              1024,
              Duration.ofSeconds(20)));
    } finally {
      client.close();
    }
  }

  private static void assertTlsError(OutboundConfig config, String host) {
    assertFails(Reason.TLS_ERROR, config, host, server.getAddress().getPort());
  }

  private static void assertFails(Reason reason, OutboundConfig config, String host, int port) {
    assertThatThrownBy(() -> send(config, host, port))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class))
        .returns(reason, OutboundException::reason);
  }
}
