package io.stepwell.workspace;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What one workspace may ask for. */
@ConfigMapping(prefix = "stepwell.limits")
public interface LimitsConfig {
  @WithDefault("5000")
  int executionsPerSecond();

  /** How many executions may come at once after a quiet time. */
  @WithDefault("20000")
  int executionsBurst();

  /** All outputs of one execution, as JSON text; the step that goes over it fails. */
  @WithDefault("64M")
  MemorySize executionBytes();

  /**
   * All evaluations of expressions in one run of an execution; the step that goes over it fails.
   */
  @WithDefault("10s")
  Duration expressionTime();
}
