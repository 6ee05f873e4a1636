package io.stepwell.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs PostgreSQL's own programs. As root they run in a user namespace of their own, because they
 * refuse the administrator's account.
 */
record PostgresPrograms(Path bin, boolean root) {
  private static final long DEADLINE_SECONDS = 120;

  static PostgresPrograms in(Path bin) throws IOException {
    return new PostgresPrograms(bin, runsAsRoot());
  }

  /** The whole command line of a program. */
  List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (root) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a program, its output into the file; returns whether it ended well. */
  boolean run(Path output, String program, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(program, arguments));
    // PGPORT, PGDATA and their kin would reach into our server
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    try {
      if (process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new LaunchException("Interrupted while PostgreSQL was starting.", interrupted);
    }
  }

  private static boolean runsAsRoot() throws IOException {
    Path self = Path.of("/proc/self");
    return Files.exists(self) && Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"));
  }
}
