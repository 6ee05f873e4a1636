package io.stepwell.stream;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How streams are kept alive. */
@ConfigMapping(prefix = "stepwell.stream")
interface StreamConfig {
  /** How long a stream says nothing before it sends a comment; clients are promised 15 s. */
  @WithDefault("10s")
  Duration heartbeat();

  /** A stream whose client reads nothing for so long of what takes memory ends. */
  @WithDefault("30s")
  Duration slowReading();
}
