package io.stepwell.outbound;

import io.stepwell.outbound.SmtpConfig.StartTls;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.StartTLSOptions;
import io.vertx.ext.mail.mailencoder.EmailAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The mail server and the sender, checked: whoever holds one can send. */
record SmtpAccount(SmtpConfig config, String host, String from) {

  private static final int IMPLICIT_TLS_PORT = 465;

  /**
   * Empty when no server is configured.
   *
   * @throws IllegalArgumentException when the configuration contradicts itself
   */
  static Optional<SmtpAccount> of(SmtpConfig config) {
    if (config.host().isEmpty()) {
      return Optional.empty();
    }
    String from =
        config
            .from()
            .orElseThrow(() ->
                new IllegalArgumentException("stepwell.mail.from is missing beside the host"));
    if (!isAddress(from)) {
      throw new IllegalArgumentException("stepwell.mail.from is no mail address");
    }
    if (config.username().isPresent() != config.password().isPresent()) {
      throw new IllegalArgumentException(
          "stepwell.mail.username and stepwell.mail.password go together");
    }
    return Optional.of(new SmtpAccount(config, config.host().get(), from));
  }

  private static boolean isAddress(String text) {
    try {
      return !new EmailAddress(text).getEmail().isEmpty()
          && text.chars().noneMatch(Character::isISOControl);
    } catch (IllegalArgumentException invalid) {
      return false;
    }
  }

  Duration timeout() {
    return config.timeout();
  }

  MailConfig options(Optional<TrustOptions> trust) {
    int millis = Math.toIntExact(config.timeout().toMillis());
    MailConfig options = new MailConfig();
    // Host name verification is left alone: the client turns it on by itself where TLS is possible,
    // and off when it is asked for by name.
    options
        .setHostname(host)
        .setPort(config.port())
        .setSsl(config.port() == IMPLICIT_TLS_PORT)
        .setStarttls(StartTLSOptions.valueOf(starttls().name()))
        .setLogin(config.username().isPresent() ? LoginOption.REQUIRED : LoginOption.DISABLED)
        // by default the password would be tried as a bearer token, too
        .setAuthMethods("CRAM-MD5 PLAIN LOGIN")
        // a mail is rare enough for a connection of its own, which is never stale
        .setKeepAlive(false)
        .setPipelining(false)
        .setConnectTimeout(millis);
    options.setIdleTimeout(Math.max(1, millis / 1000));
    config.username().ifPresent(options::setUsername);
    config.password().ifPresent(options::setPassword);
    trust.ifPresent(options::setTrustOptions);
    return options;
  }

  private StartTls starttls() {
    return config
        .starttls()
        .orElse(config.username().isPresent() ? StartTls.REQUIRED : StartTls.OPTIONAL);
  }

  /**
   * The Message-ID that belongs to a key: always the same, in characters that every server takes.
   */
  String messageId(String key) {
    String address = new EmailAddress(from).getEmail();
    byte[] digest = sha256(key);
    String left = HexFormat.of().formatHex(Arrays.copyOf(digest, 16));
    return "<" + left + address.substring(address.lastIndexOf('@')) + ">";
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Leaves out the password. */
  @Override
  public String toString() {
    return "SmtpAccount[" + from + "]";
  }
}
