package server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What starts the service, of what was built. */
public final class Packaging {
  private static final Path TARGET = Path.of("target");
  private static final Path APPLICATION = TARGET.resolve("quarkus-app");
  private static final Path AOT_CACHE = APPLICATION.resolve("stepwell.aot");
  private static final Pattern OPTION = Pattern.compile("\"(-X[^\"]+)\"");

  private Packaging() {}

  /** The packaged application on this JVM. */
  public static List<String> jvm(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(options);
    command.addAll(List.of("-jar", APPLICATION.resolve("quarkus-run.jar").toString()));
    return command;
  }

  /** The same with its AOT cache, where there is one, and as the image starts it. */
  public static Optional<List<String>> jvmWithAotCache() throws IOException {
    if (!Files.exists(AOT_CACHE)) {
      return Optional.empty();
    }
    List<String> options = new ArrayList<>(optionsOfImage("Dockerfile.jvm"));
    options.removeIf(option -> option.startsWith("-XX:AOTCache") || option.contains("OutOfMemory"));
    // a cache that does not fit ends the process
    options.addAll(List.of("-XX:AOTCache=" + AOT_CACHE, "-XX:AOTMode=on"));
    return Optional.of(jvm(options));
  }

  /** What the image of the executable starts it with. */
  public static List<String> optionsOfExecutable() throws IOException {
    return optionsOfImage("Dockerfile.native");
  }

  /** Those of the virtual machine in an image's entry point. */
  private static List<String> optionsOfImage(String dockerfile) throws IOException {
    String text = Files.readString(Path.of("src", "main", "docker", dockerfile));
    return OPTION
        .matcher(text.substring(text.lastIndexOf("ENTRYPOINT")))
        .results()
        .map(option -> option.group(1))
        .toList();
  }

  /** The native executable, where there is one. */
  public static Optional<List<String>> executable(List<String> options) throws IOException {
    try (Stream<Path> files = Files.list(TARGET)) {
      return files
          .map(Path::toString)
          .filter(file -> file.endsWith("-runner"))
          .findFirst()
          .map(file -> Stream.concat(Stream.of(file), options.stream()).toList());
    }
  }
}
