package io.stepwell.outbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The operator's own mail server; without host and sender no mail leaves. */
@ConfigMapping(prefix = "stepwell.mail")
public interface SmtpConfig {

  Optional<String> host();

  /** 465 speaks TLS from the first byte (RFC 8314); other ports begin in clear text. */
  @WithDefault("587")
  int port();

  /** The sender, {@code no-reply@example.org} or {@code Stepwell <no-reply@example.org>}. */
  Optional<String> from();

  Optional<String> username();

  Optional<String> password();

  /** Default: required with a user name, which must not travel in clear text, else optional. */
  Optional<StartTls> starttls();

  /** Bound of one mail, from the connection to the server's last reply. */
  @WithDefault("10s")
  Duration timeout();

  /** When a connection that begins in clear text turns to TLS. */
  enum StartTls {
    DISABLED,
    OPTIONAL,
    REQUIRED
  }
}
