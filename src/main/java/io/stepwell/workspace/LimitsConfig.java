package io.stepwell.workspace;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What one workspace may ask of one replica. */
@ConfigMapping(prefix = "stepwell.limits")
interface LimitsConfig {
  @WithDefault("5000")
  int executionsPerSecond();

  /** How many executions may come at once after a quiet time. */
  @WithDefault("20000")
  int executionsBurst();
}
