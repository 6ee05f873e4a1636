package io.stepwell;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** What the build has packaged last: a jar for the JVM, or a native executable. */
public final class PackagedService {
  private static final Path TARGET = Path.of("target");

  /** As every start of the service has it. */
  private static final String END_WITHOUT_MEMORY = "-XX:+ExitOnOutOfMemoryError";

  private PackagedService() {}

  private static Properties artifact() {
    Path description = TARGET.resolve("quarkus-artifact.properties");
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(description)) {
      properties.load(in);
    } catch (IOException missing) {
      throw new UncheckedIOException("package the service first", missing);
    }
    return properties;
  }

  public static boolean isNative() {
    return artifact().getProperty("type").equals("native");
  }

  /** The command that starts it; the options are for a JVM only. */
  public static List<String> command(String... jvmOptions) {
    String path = TARGET.resolve(artifact().getProperty("path")).toAbsolutePath().toString();
    if (isNative()) {
      return List.of(path, END_WITHOUT_MEMORY);
    }
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return Stream.of(List.of(java, END_WITHOUT_MEMORY), List.of(jvmOptions), List.of("-jar", path))
        .flatMap(List::stream)
        .toList();
  }
}
