package io.stepwell.execution;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much one workspace may leave unfinished. */
@ConfigMapping(prefix = "stepwell.limits")
interface UnfinishedConfig {
  /** How many executions of a workspace may be PENDING or RUNNING at once. */
  @WithDefault("1000000")
  long unfinished();
}
