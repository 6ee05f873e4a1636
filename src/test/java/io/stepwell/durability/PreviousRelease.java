package io.stepwell.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The package of the release before this one, built from its commit, which {@code
 * src/test/resources/previous-release} names. While there is no release it is the last commit
 * before the newest migrations.
 */
public final class PreviousRelease {
  private static final Path COMMIT = Path.of("src", "test", "resources", "previous-release");
  private static final Path TARGET = Path.of("target", "previous").toAbsolutePath();
  private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final long PATIENCE_MINUTES = 20;

  private PreviousRelease() {}

  /** Whether there is a git here that has its commit. */
  public static boolean isKnown() throws IOException {
    return run(Path.of(""), "git", "cat-file", "-e", commit() + "^{commit}");
  }

  private static String commit() throws IOException {
    return Files.readString(COMMIT).strip();
  }

  /** The command that starts it; what it needs is built where it is missing. */
  public static List<String> command() {
    try {
      String commit = commit();
      Path folder = TARGET.resolve(commit);
      if (!Files.exists(folder.resolve(JAR))) {
        build(commit, folder);
      }
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      List<String> command = new ArrayList<>(List.of(java));
      command.addAll(List.of(Replica.JVM_OPTIONS));
      command.addAll(List.of("-jar", folder.resolve(JAR).toString()));
      return command;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void build(String commit, Path folder) throws IOException {
    Files.createDirectories(folder);
    Path archive = TARGET.resolve(commit + ".tar");
    boolean built =
        run(Path.of(""), "git", "archive", "--output", archive.toString(), commit)
            && run(folder, "tar", "-xf", archive.toString())
            && run(folder, "./mvnw", "-q", "-B", "-ntp", "package", "-Dmaven.test.skip=true");
    if (!built) {
      throw new IllegalStateException("the previous release cannot be built, see " + log());
    }
  }

  private static boolean run(Path folder, String... command) throws IOException {
    Files.createDirectories(TARGET);
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toAbsolutePath().toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException missing) {
      // there is no such program
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path log() {
    return TARGET.resolve("build.log");
  }
}
