package io.stepwell.workflow;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What an operator can set about workflows. */
@ConfigMapping(prefix = "stepwell.workflow")
interface WorkflowConfig {
  /** How much of the definitions, as text, each replica keeps parsed. */
  @WithDefault("64M")
  MemorySize cacheSize();
}
