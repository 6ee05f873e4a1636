package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark still measures the service and tables that there are. */
@EnabledOnOs(OS.LINUX)
class BenchmarkIT {
  private static final long DEADLINE_SECONDS = 420;

  @TempDir Path folder;

  @Test
  void a_quick_look_completes_every_execution() throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process bench =
        new ProcessBuilder(
                "bench/run", "conditions", "history", "--quick", "--seconds", "1", "--warm-up", "1")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(bench.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      bench.destroy();
    }

    // it fails when the database or the API counts another number than was accepted
    assertThat(bench.exitValue()).as(Files.readString(output)).isZero();
    JsonNode scenarios =
        new ObjectMapper()
            .readTree(Path.of("target/bench/results.json").toFile())
            .path("scenarios");
    assertThat(scenarios.at("/conditions/executions/median").asInt()).isPositive();
    assertThat(scenarios.at("/history").size()).isPositive();
  }
}
