package io.stepwell;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/**
 * A service with little of everything: no key for secrets, one execution a second, ten seconds
 * until a loop counts as stuck. Tests that need one of these share it, since every profile is a
 * start of its own.
 */
public final class StrictSettings implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "stepwell.secrets.key",
        "",
        "stepwell.limits.executions-per-second",
        "1",
        "stepwell.limits.executions-burst",
        "1",
        "stepwell.engine.stuck-after",
        "10s");
  }
}
