package io.stepwell.outbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where requests may go, whom they trust and how many connections they keep. */
@ConfigMapping(prefix = "stepwell.outbound")
public interface OutboundConfig {

  /**
   * What is reachable although it is not public: networks ({@code 10.1.0.0/16}, {@code fd12::/16}),
   * addresses, host names ({@code host.example}) and all names below one ({@code *.example.org}).
   */
  Optional<List<String>> allow();

  /** The ports that requests may go to; without it, every port. */
  Optional<Set<Integer>> ports();

  /** PEM certificates of authorities to trust beside those of the JDK. */
  Optional<Path> tlsCaFile();

  /** Connections to one address. */
  @WithDefault("256")
  int poolSize();

  /** How long an unused connection is kept: below the 5 s after which many servers close theirs. */
  @WithDefault("4s")
  Duration idleTimeout();

  @WithDefault("10s")
  Duration connectTimeout();

  @WithDefault("5s")
  Duration dnsTimeout();
}
