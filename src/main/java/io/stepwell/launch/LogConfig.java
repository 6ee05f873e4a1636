package io.stepwell.launch;

import io.quarkus.arc.Unremovable;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How the console's log lines are written. It is read before there are beans to inject it. */
@Unremovable
@ConfigMapping(prefix = "stepwell.log")
interface LogConfig {
  /** For people, or one JSON object a line for machines. */
  @WithDefault("text")
  Format format();

  /** The ways to write a line. */
  enum Format {
    TEXT,
    JSON
  }
}
