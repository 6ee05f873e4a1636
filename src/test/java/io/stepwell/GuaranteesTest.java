package io.stepwell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds that the tests which docs/guarantees.md names as evidence exist. */
class GuaranteesTest {
  private static final Path TESTS = Path.of("src", "test", "java");
  private static final Pattern EVIDENCE = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");

  private static List<String> promises() throws IOException {
    return Files.readAllLines(Path.of("docs", "guarantees.md")).stream()
        .filter(line -> line.startsWith("| **"))
        .toList();
  }

  @Test
  void every_promise_has_a_test_and_every_test_exists() throws IOException {
    List<String> promises = promises();

    assertThat(promises)
        .isNotEmpty()
        .allSatisfy(promise -> {
          List<MatchResult> evidence = EVIDENCE.matcher(promise).results().toList();
          assertThat(evidence).as(promise).isNotEmpty();
          for (MatchResult test : evidence) {
            assertThat(source(test.group(1)))
                .as(test.group())
                .hasValueSatisfying(source ->
                    assertThat(source)
                        .containsPattern("@(ParameterizedTest|Test)\\b")
                        .contains(" void " + test.group(2) + "("));
          }
        });
  }

  private static Optional<String> source(String testClass) throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      Optional<Path> file = files.filter(path -> path.endsWith(testClass + ".java")).findFirst();
      return file.isEmpty() ? Optional.empty() : Optional.of(Files.readString(file.get()));
    }
  }
}
