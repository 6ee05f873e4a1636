package io.stepwell.workspace;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What the operator gives to the first caller. */
@ConfigMapping(prefix = "stepwell.bootstrap")
interface BootstrapConfig {
  /** The instance administrator's key, at least 16 characters; without it there is none. */
  Optional<String> adminKey();
}
