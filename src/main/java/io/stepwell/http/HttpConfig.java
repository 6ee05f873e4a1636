package io.stepwell.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much of a request is read. */
@ConfigMapping(prefix = "stepwell.http")
interface HttpConfig {
  /** A larger body is refused. */
  @WithDefault("1048576")
  int maxBodyBytes();

  /** How much of a refused body is still read, so that its sender comes to see the answer. */
  @WithDefault("16777216")
  int drainBytes();
}
