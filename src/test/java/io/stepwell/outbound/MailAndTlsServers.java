package io.stepwell.outbound;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A mail server, and an HTTPS server with a certificate that only this service trusts. */
public final class MailAndTlsServers implements QuarkusTestResourceLifecycleManager {
  static final String HELLO = "{\"hello\": \"tls\"}";

  private GreenMail mail;
  private HttpsServer https;

  @Override
  public Map<String, String> start() {
    ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
    setup.setServerStartupTimeout(20_000);
    mail = new GreenMail(setup);
    mail.start();
    mail.setUser("stepwell", "right");
    try {
      Path folder = Files.createDirectories(Path.of("target", "certificates"));
      TestCertificate certificate = TestCertificate.of(folder, "dns:localhost");
      https = HttpsServer.create(new InetSocketAddress(0), 0);
      https.setHttpsConfigurator(new HttpsConfigurator(certificate.server()));
      https.createContext(
          "/",
          exchange -> {
            byte[] answer = HELLO.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      https.start();
      return Map.of(
          "stepwell.mail.host", "127.0.0.1",
          "stepwell.mail.port", Integer.toString(mail.getSmtp().getPort()),
          "stepwell.mail.from", "Stepwell <no-reply@stepwell.example>",
          "stepwell.mail.username", "stepwell",
          "stepwell.mail.password", "right",
          "stepwell.mail.starttls", "disabled",
          "stepwell.outbound.allow", "localhost,127.0.0.1",
          "stepwell.outbound.tls-ca-file", certificate.pem().toAbsolutePath().toString());
    } catch (Exception e) { // whatever keeps a server from starting
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(mail, new TestInjector.MatchesType(GreenMail.class));
    injector.injectIntoFields(https, new TestInjector.MatchesType(HttpsServer.class));
  }

  @Override
  public void stop() {
    mail.stop();
    https.stop(0);
  }
}
