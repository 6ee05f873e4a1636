package io.stepwell.outbound;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.step;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.sun.net.httpserver.HttpsServer;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.Test;

/** Steps of a whole service that reach a mail server, and a server by TLS. */
@QuarkusTest
@WithTestResource(value = MailAndTlsServers.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class DeliveryTest {
  GreenMail mail;
  HttpsServer https;

  @Test
  void a_mail_arrives() throws Exception {
    TestWorkflow.of(
            TestWorkspace.create(),
            """
            {'name': 'mail', 'type': 'send_notification', 'config': {'channel': 'email',
             'recipient': 'ann@example.org', 'subject': 'Grüße', 'message': '{{ trigger.text }}'}}\
            """)
        .run("{'text': 'Wie geht es?'}");

    assertThat(mail.getReceivedMessages()).hasSize(1);
    MimeMessage arrived = mail.getReceivedMessages()[0];
    assertThat(arrived.getSubject()).isEqualTo("Grüße");
    assertThat(arrived.getContent().toString().strip()).isEqualTo("Wie geht es?");
  }

  @Test
  void a_call_by_tls_trusts_the_operators_authority_and_checks_the_name() {
    JsonNode execution =
        TestWorkflow.of(
                TestWorkspace.create(),
                """
                {'name': 'right', 'type': 'call_api', 'config': {'url': 'https://localhost:%1$d/'}},
                {'name': 'wrong', 'type': 'call_api', 'onError': 'continue',
                 'config': {'url': 'https://127.0.0.1:%1$d/'}}\
                """
                    .formatted(https.getAddress().getPort()))
            .run();

    assertThat(output(execution, "right").at("/body/hello").textValue()).isEqualTo("tls");
    assertThat(step(execution, "wrong").at("/error/code").textValue()).isEqualTo("tls_error");
  }
}
