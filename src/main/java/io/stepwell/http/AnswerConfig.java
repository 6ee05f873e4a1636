package io.stepwell.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How large an answer may be. */
@ConfigMapping(prefix = "stepwell.limits")
public interface AnswerConfig {
  /**
   * Bytes of documents in one answer: an execution's outputs beyond it are left out, and a page of
   * a list ends where it is reached.
   */
  @WithDefault("16777216")
  long answerBytes();
}
