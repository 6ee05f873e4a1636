package io.stepwell.workflow;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What an operator can set about workflows. */
@ConfigMapping(prefix = "stepwell.workflow")
interface WorkflowConfig {
  /**
   * How much of the heap the definitions that each replica keeps parsed take, by estimate; without
   * it an eighth of the largest heap.
   */
  Optional<MemorySize> cacheSize();
}
