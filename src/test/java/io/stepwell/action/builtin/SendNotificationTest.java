package io.stepwell.action.builtin;

import static io.stepwell.action.builtin.Steps.json;
import static io.stepwell.action.builtin.Steps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult.Success;
import io.stepwell.action.Effect;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.outbound.MailSender;
import io.vertx.core.Vertx;
import jakarta.mail.internet.MimeMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SendNotificationTest {
  private static Vertx vertx;
  private static GreenMail greenMail;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
    setup.setServerStartupTimeout(20_000);
    greenMail = new GreenMail(setup);
    greenMail.start();
  }

  @AfterAll
  static void stop() {
    greenMail.stop();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void a_notification_for_the_inbox_is_a_row_with_the_step() throws Exception {
    Success result =
        send(
            handler(Map.of()), "{'message': 'Welcome!', 'recipient': 'user_123', 'subject': null}");

    assertNotification(result, "inbox", "user_123", null, "Welcome!", null);
  }

  @Test
  void a_mail_is_sent_before_the_row_is_written() throws Exception {
    greenMail.purgeEmailFromAllMailboxes();
    Success result =
        send(
            handler(toGreenMail()),
            """
            {'channel': 'email', 'message': 'Welcome!', 'recipient': 'ann@example.org',
             'subject': 'Hi'}
            """);

    MimeMessage[] arrived = greenMail.getReceivedMessages();
    assertThat(arrived).hasSize(1);
    assertThat(arrived[0].getAllRecipients()[0].toString()).isEqualTo("ann@example.org");
    assertThat(arrived[0].getSubject()).isEqualTo("Hi");
    assertThat(arrived[0].getContent().toString().strip()).isEqualTo("Welcome!");
    assertNotification(result, "email", "ann@example.org", "Hi", "Welcome!", null);
  }

  @Test
  void a_mail_without_a_subject_has_one_and_every_attempt_the_same_id() throws Exception {
    greenMail.purgeEmailFromAllMailboxes();
    String config = "{'channel': 'email', 'message': 'm', 'recipient': 'ann@example.org'}";
    send(handler(toGreenMail()), config);
    send(handler(toGreenMail()), config);

    MimeMessage[] arrived = greenMail.getReceivedMessages();
    assertThat(arrived).hasSize(2);
    assertThat(arrived[0].getSubject()).isEqualTo("Notification");
    assertThat(arrived[0].getMessageID()).isEqualTo(arrived[1].getMessageID());
  }

  @Test
  void a_mail_that_cannot_leave_fails_for_good() {
    assertThat(
            failure(
                handler(Map.of()),
                "{'channel': 'email', 'message': 'm', 'recipient': 'ann@example.org'}"))
        .returns("mail_not_configured", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
    assertThat(
            failure(
                handler(toGreenMail()), "{'channel': 'email', 'message': 'm', 'recipient': 'ann'}"))
        .returns("invalid_request", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
  }

  @Test
  void a_webhook_gets_the_notification_and_the_key_of_its_step() throws Exception {
    try (StubServer server = new StubServer()) {
      server.answers(204, Map.of(), "");

      Success result = send(handler(Map.of()), webhook(server.url() + "/hook"));

      StubServer.Seen seen = server.only();
      assertThat(seen.method() + " " + seen.uri()).isEqualTo("POST /hook");
      assertThat(seen.header("content-type")).isEqualTo("application/json");
      assertThat(seen.header("idempotency-key")).isEqualTo(Steps.KEY);
      assertThat(seen.header("traceparent")).startsWith("00-019a0000000070008000000000000003-");
      assertThat(Json.read(seen.body()))
          .isEqualTo(
              json(
                  """
                  {'message': 'm', 'subject': null, 'recipient': 'user_123',
                   'executionId': '%s', 'workflowId': '%s', 'stepName': 'greet'}
                  """
                      .formatted(Steps.EXECUTION, Steps.WORKFLOW)));
      assertNotification(result, "webhook", "user_123", null, "m", server.url() + "/hook");
    }
  }

  @ParameterizedTest
  @CsvSource({"302, false", "404, false", "429, true", "503, true"})
  void a_webhook_that_answers_otherwise_fails(int status, boolean retryable) throws Exception {
    try (StubServer server = new StubServer()) {
      server.answers(status, Map.of("Retry-After", List.of("3")), "why");

      assertThat(failure(handler(Map.of()), webhook(server.url())))
          .returns("http_status", ActionFailure::code)
          .returns(retryable, ActionFailure::retryable)
          .returns(retryable, failure -> failure.retryAfter().isPresent())
          .hasMessage("The server answered " + status + ": why");
    }
  }

  @Test
  void a_webhook_stays_within_the_public_internet() {
    assertThat(failure(handler(Map.of()), webhook("http://169.254.169.254/latest")))
        .returns("address_denied", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'message': 'Welcome!', 'recipient': 'user_123'}",
        "{'message': 'm', 'recipient': 'r', 'channel': null, 'subject': null, 'url': null}",
        "{'message': 'm', 'recipient': 'r', 'channel': 'webhook', 'url': 'https://a.example'}",
      })
  void a_right_config_passes(String config) {
    assertThat(Steps.violations(handler(Map.of()), config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'message': 'm'}                                                        | /recipient",
        "{'recipient': 'r'}                                                      | /message",
        "{'message': '', 'recipient': 'r'}                                       | /message",
        "{'message': 'm', 'recipient': 'r', 'channel': 'sms'}                    | /channel",
        "{'message': 'm', 'recipient': 'r', 'channel': 'webhook'}                | /url",
        "{'message': 'm', 'recipient': 'r', 'channel': 'webhook', 'url': null}   | /url",
        "{'message': 'm', 'recipient': 'r', 'channel': 'webhook', 'url': 'x'}    | /url",
        "{'message': 'm', 'recipient': 'r', 'to': 'x'}                           | /to",
      })
  void a_wrong_config_is_told_where(String config, String pointer) {
    assertThat(Steps.violations(handler(Map.of()), config)).containsExactly(pointer);
  }

  @Test
  void expressions_may_stand_for_every_value() {
    assertThat(
            Steps.staticViolations(
                handler(Map.of()),
                """
                {'message': 'Welcome {{ trigger.userId }}!', 'recipient': '{{ trigger.userId }}',
                 'channel': '{{ trigger.channel }}', 'url': '{{ secrets.HOOK }}'}
                """))
        .isEmpty();
  }

  private static void assertNotification(
      Success result,
      String channel,
      String recipient,
      String subject,
      String message,
      String url) {
    Effect.CreateNotification row = (Effect.CreateNotification) result.effects().getFirst();
    assertThat(result.effects())
        .containsExactly(
            new Effect.CreateNotification(
                row.id(), channel, recipient, subject, message, url, Steps.NOW));
    assertThat(result.output())
        .isEqualTo(
            json(
                """
                {'notificationId': '%s', 'channel': '%s', 'recipient': '%s',
                 'deliveredAt': '2026-11-22T19:44:15.123Z'}
                """
                    .formatted(row.id(), channel, recipient)));
  }

  private static String webhook(String url) {
    return "{'channel': 'webhook', 'message': 'm', 'recipient': 'user_123', 'url': '%s'}"
        .formatted(url);
  }

  private static Success send(SendNotification handler, String config) throws InterruptedException {
    return (Success) handler.handle(step(config));
  }

  private static ActionFailure failure(SendNotification handler, String config) {
    ActionFailure failure =
        catchThrowableOfType(ActionFailure.class, () -> handler.handle(step(config)));
    assertThat(failure).isNotNull();
    return failure;
  }

  private static SendNotification handler(Map<String, String> mail) {
    return new SendNotification(
        StubServer.client(vertx),
        new MailSender(vertx, StubServer.smtp(mail), StubServer.outbound()),
        new Ids(Steps.TIME),
        Steps.TIME);
  }

  private static Map<String, String> toGreenMail() {
    return Map.of(
        "stepwell.mail.host", "127.0.0.1",
        "stepwell.mail.port", Integer.toString(greenMail.getSmtp().getPort()),
        "stepwell.mail.from", "Stepwell <no-reply@stepwell.example>");
  }
}
