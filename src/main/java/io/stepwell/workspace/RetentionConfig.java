package io.stepwell.workspace;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long what is over is kept, in words of {@link RetentionTimes}. */
@ConfigMapping(prefix = "stepwell.retention")
interface RetentionConfig {
  /** An ended execution with all that belongs to it, unless its workspace says otherwise. */
  @WithDefault("90d")
  String executions();

  /** An entry of the audit. */
  @WithDefault("400d")
  String audit();

  /** A revoked key. */
  @WithDefault("30d")
  String keys();

  /** How often to look for what is old. */
  @WithDefault("10m")
  Duration interval();
}
