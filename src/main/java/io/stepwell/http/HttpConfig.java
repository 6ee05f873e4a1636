package io.stepwell.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How much of a request is read, and of answers kept. */
@ConfigMapping(prefix = "stepwell.http")
interface HttpConfig {
  /** A larger body is refused. */
  @WithDefault("1048576")
  int maxBodyBytes();

  /** How much of a refused body is still read, so that its sender comes to see the answer. */
  @WithDefault("16777216")
  int drainBytes();

  /**
   * What large bodies of requests, and the JSON read from them, may take of the heap at once;
   * without it an eighth of the largest heap.
   */
  Optional<MemorySize> bodyMemory();

  /**
   * What large answers may take of the heap at once until their clients have read them; without it
   * an eighth of the largest heap.
   */
  Optional<MemorySize> answerMemory();

  /** A client that reads less of a large answer in {@link #slowReadingTime} is cut off. */
  @WithDefault("256K")
  MemorySize slowReadingBytes();

  @WithDefault("30s")
  Duration slowReadingTime();
}
