package io.stepwell.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Vertx;
import jakarta.mail.internet.MimeMessage;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MailSenderTest {

  @TempDir static Path folder;

  private static final Mail MAIL = new Mail("ann@example.org", "Hi", "text", "e1:greet");
  private static Vertx vertx;
  private static GreenMail greenMail;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
    setup.setServerStartupTimeout(20_000);
    greenMail = new GreenMail(setup);
    greenMail.start();
    greenMail.setUser("stepwell", "right");
  }

  @AfterAll
  static void stop() {
    greenMail.stop();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void a_mail_arrives_with_its_text_and_sender() throws Exception {
    MimeMessage arrived =
        deliver(new Mail("ann@example.org", "Grüße ☂", "Line\r\nÄ\n.\nend", "e1:greet"));

    assertThat(arrived.getFrom()[0].toString()).isEqualTo("Stepwell <no-reply@stepwell.example>");
    assertThat(arrived.getAllRecipients()[0].toString()).isEqualTo("ann@example.org");
    assertThat(arrived.getSubject()).isEqualTo("Grüße ☂");
    assertThat(arrived.getContent().toString().strip()).isEqualTo("Line\r\nÄ\r\n.\r\nend");
  }

  @Test
  void the_message_id_belongs_to_the_key() throws Exception {
    String first = deliver(mail("e1:greet")).getMessageID();
    String again = deliver(mail("e1:greet")).getMessageID();
    String other = deliver(mail("e2:greet <x>\r\n")).getMessageID();

    assertThat(first).matches("<[0-9a-f]{32}@stepwell\\.example>").isEqualTo(again);
    assertThat(other).matches("<[0-9a-f]{32}@stepwell\\.example>").isNotEqualTo(first);
  }

  @Test
  void without_a_server_no_mail_leaves() {
    assertFails(Map.of(), MAIL)
        .returns("mail_not_configured", OutboundException::code)
        .returns(false, OutboundException::retryable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ann",
        "",
        "ann@example.org\r\nRCPT TO:<eve@example.org>",
        "ann@example.org\n",
        "ann@example.org, eve@example.org",
        "Ann <ann@example.org>",
        "<ann@example.org>",
        "ann @example.org",
        "ann@exämple.org",
        "@example.org",
      })
  void what_is_not_one_plain_address_is_refused(String to) {
    assertFails(toGreenMail(), new Mail(to, "Hi", "text", "k"))
        .returns(Reason.INVALID_REQUEST, OutboundException::reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Hi\r\nBcc: eve@example.org", "Hi\nthere", "Hi\rthere", "H\0i"})
  void a_subject_of_several_lines_is_refused(String subject) {
    assertFails(toGreenMail(), new Mail("ann@example.org", subject, "text", "k"))
        .returns(Reason.INVALID_REQUEST, OutboundException::reason);
  }

  @ParameterizedTest
  @CsvSource({
    "450 4.2.1 busy, mail_deferred, true",
    "421 4.3.0 closing, mail_deferred, true",
    "550 5.1.1 unknown, mail_rejected, false",
  })
  void the_servers_reply_says_whether_to_try_again(String reply, String code, boolean retryable)
      throws Exception {
    try (RawServer server = new RawServer(new SmtpScript(reply, null))) {
      assertFails(to(server), MAIL)
          .returns(code, OutboundException::code)
          .returns(retryable, OutboundException::retryable)
          .satisfies(e -> assertThat(e.getMessage()).contains(reply.substring(0, 3)));
    }
  }

  @Test
  void a_server_that_is_away_can_be_tried_again() throws Exception {
    RawServer server = new RawServer(socket -> {});
    server.close();

    assertFails(to(server), MAIL).returns(Reason.CONNECT_FAILED, OutboundException::reason);
  }

  @Test
  void a_server_that_hangs_up_can_be_tried_again() throws Exception {
    try (RawServer server = new RawServer(socket -> RawServer.write(socket, "220 test\r\n"))) {
      assertFails(to(server), MAIL).returns(Reason.CONNECT_FAILED, OutboundException::reason);
    }
  }

  @Test
  void a_silent_server_is_left_in_time_and_on_interrupt() throws Exception {
    CountDownLatch connected = new CountDownLatch(2);
    try (RawServer server =
        new RawServer(socket -> {
          connected.countDown();
          socket.getInputStream().read();
        })) {
      Map<String, String> hasty = with(to(server), "stepwell.mail.timeout", "300ms");
      assertFails(hasty, MAIL).returns(Reason.TIMEOUT, OutboundException::reason);

      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread caller = Thread.ofVirtual().start(() -> end.complete(failure(to(server))));
      assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      assertThat(end.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void a_password_does_not_travel_in_clear_text() {
    Map<String, String> login = login(toGreenMail(), "right");

    assertFails(login, MAIL).returns(Reason.TLS_ERROR, OutboundException::reason);
  }

  @Test
  void the_operator_logs_in_where_that_is_wanted() throws Exception {
    Map<String, String> login =
        with(login(toGreenMail(), "right"), "stepwell.mail.starttls", "disabled");

    send(login, MAIL);

    assertFails(with(login, "stepwell.mail.password", "wrong-one"), MAIL)
        .returns(Reason.MAIL_REJECTED, OutboundException::reason)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wrong-one"));
  }

  @Test
  void starttls_trusts_the_operators_authority_and_verifies_the_name() throws Exception {
    TestCertificate right = TestCertificate.of(folder, "dns:localhost");
    TestCertificate wrong = TestCertificate.of(folder, "dns:other.example");

    try (RawServer server = new RawServer(new SmtpScript("250 ok", right.server()))) {
      send(securely(server, right.pem()), MAIL);
      assertFails(securely(server, wrong.pem()), MAIL)
          .returns(Reason.TLS_ERROR, OutboundException::reason);
    }
    try (RawServer server = new RawServer(new SmtpScript("250 ok", wrong.server()))) {
      assertFails(securely(server, wrong.pem()), MAIL)
          .returns(Reason.TLS_ERROR, OutboundException::reason);
    }
  }

  @Test
  void a_configuration_that_contradicts_itself_stops_the_start() {
    assertThatThrownBy(() -> sender(Map.of("stepwell.mail.host", "mail.example")))
        .hasMessageContaining("stepwell.mail.from");
    assertThatThrownBy(() -> sender(with(toGreenMail(), "stepwell.mail.from", "nobody")))
        .hasMessageContaining("stepwell.mail.from");
    assertThatThrownBy(() -> sender(with(toGreenMail(), "stepwell.mail.username", "u")))
        .hasMessageContaining("stepwell.mail.password");
  }

  private static Mail mail(String key) {
    return new Mail("ann@example.org", "Hi", "text", key);
  }

  private static MimeMessage deliver(Mail mail) throws Exception {
    int before = greenMail.getReceivedMessages().length;
    send(toGreenMail(), mail);
    assertThat(greenMail.waitForIncomingEmail(5000, before + 1)).isTrue();
    return greenMail.getReceivedMessages()[before];
  }

  private static Map<String, String> toGreenMail() {
    return to(greenMail.getSmtp().getPort());
  }

  private static Map<String, String> to(RawServer server) {
    return to(server.port());
  }

  private static Map<String, String> to(int port) {
    return Map.of(
        "stepwell.mail.host", "localhost",
        "stepwell.mail.port", Integer.toString(port),
        "stepwell.mail.from", "Stepwell <no-reply@stepwell.example>");
  }

  private static Map<String, String> login(Map<String, String> settings, String password) {
    return with(
        with(settings, "stepwell.mail.username", "stepwell"), "stepwell.mail.password", password);
  }

  private static Map<String, String> securely(RawServer server, Path pem) {
    return with(
        with(to(server), "stepwell.mail.starttls", "required"),
        "stepwell.outbound.tls-ca-file",
        pem.toString());
  }

  private static Map<String, String> with(Map<String, String> settings, String key, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(key, value);
    return more;
  }

  private static MailSender sender(Map<String, String> settings) {
    Map<String, String> outbound = new HashMap<>(settings);
    outbound.keySet().removeIf(key -> !key.startsWith("stepwell.outbound."));
    Map<String, String> smtp = new HashMap<>(settings);
    smtp.keySet().removeAll(outbound.keySet());
    return new MailSender(vertx, Settings.smtp(smtp), Settings.outbound(outbound));
  }

  private static void send(Map<String, String> settings, Mail mail) throws Exception {
    // closed with its Vert.x: the pool of a client that still connects does not close well by
    // itself
    sender(settings).send(mail);
  }

  private static Throwable failure(Map<String, String> settings) {
    try {
      send(settings, MAIL);
      return new AssertionError("it was sent");
    } catch (Exception e) {
      return e;
    }
  }

  private static ObjectAssert<OutboundException> assertFails(
      Map<String, String> settings, Mail mail) {
    return assertThatThrownBy(() -> send(settings, mail))
        .asInstanceOf(InstanceOfAssertFactories.type(OutboundException.class));
  }
}
