package io.stepwell.outbound;

import io.quarkus.runtime.Startup;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.SMTPException;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Hands mails to the operator's mail server, blocking until it has taken or refused them.
 *
 * <p>A mail may arrive twice where the server's last reply was lost; both then carry one
 * Message-ID. The address guard does not apply: the operator named the server. Thread-safe.
 */
@Startup // a bad sender or authority file ends the start
@ApplicationScoped
public class MailSender {

  // Narrower than RFC 5321 on purpose: no quoted local parts, no lists, no display names.
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9-]{1,63}(\\.[a-zA-Z0-9-]{1,63})*");
  private static final int MAX_ADDRESS = 254;
  // RFC 5322 ends a line after 998 octets
  private static final int MAX_SUBJECT = 900;
  private static final int MAX_REPLY = 200;

  private final Optional<SmtpAccount> account;
  private final Optional<MailClient> client;

  public MailSender(Vertx vertx, SmtpConfig config, OutboundConfig outbound) {
    this.account = SmtpAccount.of(config);
    this.client =
        account.map(known ->
            MailClient.create(
                vertx, known.options(outbound.tlsCaFile().map(TrustedAuthorities::with))));
  }

  /**
   * Sends a mail.
   *
   * @throws OutboundException with {@code mail_not_configured} when the operator named no server
   * @throws InterruptedException when the thread is interrupted; the mail may have left all the
   *     same
   */
  public void send(Mail mail) throws OutboundException, InterruptedException {
    if (account.isEmpty() || client.isEmpty()) {
      throw new OutboundException(Reason.MAIL_NOT_CONFIGURED, "no mail server is configured");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    MailMessage message = message(mail, account.get());
    CompletableFuture<?> sent =
        client.get().sendMail(message).toCompletionStage().toCompletableFuture();
    try {
      sent.get(account.get().timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new OutboundException(Reason.TIMEOUT, "the mail server took too long");
    } catch (ExecutionException e) {
      throw translated(Objects.requireNonNull(e.getCause()));
    }
  }

  private static MailMessage message(Mail mail, SmtpAccount account) throws OutboundException {
    if (mail.to().length() > MAX_ADDRESS || !ADDRESS.matcher(mail.to()).matches()) {
      throw new OutboundException(Reason.INVALID_REQUEST, "the recipient is no mail address");
    }
    if (mail.subject().length() > MAX_SUBJECT
        || mail.subject().chars().anyMatch(Character::isISOControl)) {
      throw new OutboundException(
          Reason.INVALID_REQUEST,
          "the subject has control characters or is longer than " + MAX_SUBJECT);
    }
    return new MailMessage()
        .setFrom(account.from())
        .setTo(mail.to())
        .setSubject(mail.subject())
        // a lone CR must not reach the wire, where servers differ about it (SMTP smuggling)
        .setText(mail.text().replace("\r\n", "\n").replace('\r', '\n'))
        .setHeaders(
            MultiMap.caseInsensitiveMultiMap()
                .add("Message-ID", account.messageId(mail.messageId())));
  }

  private static OutboundException translated(Throwable failure) {
    if (failure instanceof SMTPException reply) {
      return new OutboundException(
          reply.isTransient() ? Reason.MAIL_DEFERRED : Reason.MAIL_REJECTED,
          "the mail server answered: " + printable(reply.getReplyMessage()));
    }
    if (TlsFailure.in(failure)) {
      return new OutboundException(
          Reason.TLS_ERROR, "no secure connection to the mail server", failure);
    }
    // the client says what it refused by itself in texts of its own
    String text = String.valueOf(failure.getMessage());
    if (text.startsWith("STARTTLS required")) {
      return new OutboundException(Reason.TLS_ERROR, "the mail server does not offer STARTTLS");
    }
    if (text.startsWith("message exceeds") || text.startsWith("login is required")) {
      return new OutboundException(Reason.MAIL_REJECTED, "not sent: " + printable(text));
    }
    return new OutboundException(
        Reason.CONNECT_FAILED, "the connection to the mail server failed", failure);
  }

  private static String printable(String reply) {
    String clean = reply.replaceAll("\\P{Print}", " ");
    return clean.substring(0, Math.min(clean.length(), MAX_REPLY));
  }

  @PreDestroy
  void close() {
    client.ifPresent(MailClient::close);
  }
}
