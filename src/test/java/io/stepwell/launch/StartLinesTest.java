package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever copies a line that starts the service gets a process that ends when its memory does. */
class StartLinesTest {
  private static final String OPTION = "-XX:+ExitOnOutOfMemoryError";
  private static final Pattern START =
      Pattern.compile("\\bjava .*-jar \\S|-runner -|^ENTRYPOINT .*", Pattern.MULTILINE);

  @Test
  void every_start_line_of_a_text_ends_the_process_without_memory() throws IOException {
    List<String> starts =
        files(".md", Path.of("README.md"), Path.of("docs"), Path.of("src", "main", "docker"))
            .flatMap(StartLinesTest::lines)
            .filter(line -> START.matcher(line).find())
            .toList();

    assertThat(starts).hasSizeGreaterThan(9);
    assertThat(starts).allSatisfy(line -> assertThat(line).contains(OPTION));
  }

  /** Those of the image have it, too: ImageIT. */
  @Test
  void every_program_that_starts_the_service_does_so_too() throws IOException {
    List<Path> programs =
        files(".java", Path.of("bench"), Path.of("src", "main", "aot"))
            .filter(file -> lines(file).anyMatch(line -> line.contains("\"-jar\"")))
            .toList();

    assertThat(programs).hasSizeGreaterThan(3);
    assertThat(programs)
        .allSatisfy(program ->
            assertThat(program)
                .content()
                .containsAnyOf(OPTION, "optionsOfImage(\"Dockerfile.jvm\")"));
  }

  private static Stream<Path> files(String ending, Path... below) throws IOException {
    Stream<Path> found = Stream.of();
    for (Path folder : below) {
      try (Stream<Path> files = Files.walk(folder)) {
        List<Path> those =
            files
                .filter(Files::isRegularFile)
                .filter(file ->
                    file.toString().endsWith(ending) || file.toString().contains("Dockerfile"))
                .toList();
        found = Stream.concat(found, those.stream());
      }
    }
    return found;
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
