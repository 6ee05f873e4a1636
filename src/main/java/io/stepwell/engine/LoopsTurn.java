package io.stepwell.engine;

import io.stepwell.kernel.Loop;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/** Says that the process must be replaced when a loop that everything depends on is stuck. */
@Liveness
@Singleton
class LoopsTurn implements HealthCheck {
  private final Duration stuckAfter;

  LoopsTurn(EngineConfig config) {
    this.stuckAfter = config.stuckAfter();
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder answer = HealthCheckResponse.named("loops").up();
    for (Loop loop : Loop.essentialOnes()) {
      if (loop.sinceTurn().compareTo(stuckAfter) > 0) {
        answer.down().withData(loop.name(), "stuck for " + loop.sinceTurn().toSeconds() + " s");
      }
    }
    return answer.build();
  }
}
