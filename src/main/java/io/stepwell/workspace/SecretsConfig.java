package io.stepwell.workspace;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** How secrets are kept. */
@ConfigMapping(prefix = "stepwell.secrets")
interface SecretsConfig {
  /**
   * 32 random bytes in base64 ({@code openssl rand -base64 32}); without it there are no secrets.
   */
  Optional<String> key();
}
