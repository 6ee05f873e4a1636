package io.stepwell.launch;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A Dockerfile of this project, as far as tests can follow it without a container engine. */
record Dockerfile(List<List<String>> instructions) {
  static final Path FOLDER = Path.of("src", "main", "docker");

  static Dockerfile read(String name) throws IOException {
    String text = Files.readString(FOLDER.resolve(name));
    String joined = text.replaceAll("(?m)^#.*\\R", "").replaceAll("\\\\\\R\\s*", "");
    return new Dockerfile(
        joined.lines().filter(line -> !line.isBlank()).map(Dockerfile::words).toList());
  }

  private static List<String> words(String line) {
    return List.of(line.split("\\s+", line.startsWith("ENTRYPOINT") ? 2 : 0));
  }

  /** What is copied from the folder that the image is built in. */
  record Copy(String source, String destination) {}

  Stream<Copy> copies() {
    return all("COPY")
        .filter(words -> words.stream().noneMatch(word -> word.startsWith("--from=")))
        .map(words -> words.stream().filter(word -> !word.startsWith("--")).toList())
        .map(words -> new Copy(words.get(1), words.get(2)));
  }

  Stream<List<String>> all(String instruction) {
    return instructions.stream().filter(words -> words.getFirst().equals(instruction));
  }

  /** The instruction of the last stage. */
  List<String> last(String instruction) {
    return all(instruction).reduce((before, after) -> after).orElseThrow();
  }

  /** The files below the working directory that a source means, links and folders as they are. */
  static List<Path> files(String source) throws IOException {
    Path path = Path.of(source);
    if (!source.contains("*")) {
      return Files.exists(path) ? List.of(path) : List.of();
    }
    if (!Files.isDirectory(path.getParent())) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(path.getParent())) {
      return found.filter(file -> matches(source, file)).toList();
    }
  }

  /** Whether {@code .dockerignore} lets a file through: the last line that fits it decides. */
  static boolean admits(Path file) throws IOException {
    boolean admitted = true;
    for (String line : Files.readAllLines(Path.of(".dockerignore"))) {
      String pattern = line.replaceFirst("^!", "");
      boolean fits =
          Stream.iterate(file, path -> path != null, Path::getParent)
              .anyMatch(path -> matches(pattern, path));
      if (fits) {
        admitted = line.startsWith("!");
      }
    }
    return admitted;
  }

  private static boolean matches(String pattern, Path path) {
    return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(path);
  }
}
