package io.stepwell.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL server that runs on a data folder, as its {@code postmaster.pid} describes it. See
 * "The lock file" in PostgreSQL's {@code miscadmin.h}: process id, data folder, start time, port,
 * socket folder, address, shared memory, status, a line each.
 */
record Postmaster(ProcessHandle process, int port, boolean ready) {
  private static final int PORT_LINE = 3;
  private static final int STATUS_LINE = 7;

  /** The server that lives on this folder, if any. Takes away what a dead one left behind. */
  static Optional<Postmaster> on(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    }
    Optional<ProcessHandle> process = lines.stream().findFirst().flatMap(Postmaster::process);
    if (process.isEmpty()) {
      // PostgreSQL clears it away by itself, and looks for orphaned backends before
      return Optional.empty();
    }
    if (!isPostgres(process.get())) {
      // after a reboot or in a new container the id may be anybody's: PostgreSQL would not dare
      Files.deleteIfExists(file);
      return Optional.empty();
    }
    if (lines.size() > 1 && !isSame(Path.of(lines.get(1)), data)) {
      throw new LaunchException(
          "%s names the running PostgreSQL %s of another folder, %s. If %s is a copy of that folder, delete the file and start again."
              .formatted(file, lines.get(0), lines.get(1), data));
    }
    if (lines.size() <= STATUS_LINE) {
      return Optional.of(new Postmaster(process.get(), 0, false));
    }
    boolean ready = lines.get(STATUS_LINE).strip().equals("ready");
    return Optional.of(
        new Postmaster(process.get(), Integer.parseInt(lines.get(PORT_LINE).strip()), ready));
  }

  private static boolean isPostgres(ProcessHandle process) {
    // Linux marks a program whose file was deleted under it
    String program = process.info().command().orElse("").replace(" (deleted)", "");
    return program.endsWith("/postgres");
  }

  private static boolean isSame(Path named, Path data) throws IOException {
    return named.equals(data) || (Files.exists(named) && Files.isSameFile(named, data));
  }

  private static Optional<ProcessHandle> process(String pid) {
    return ProcessHandle.of(Long.parseLong(pid.strip())).filter(ProcessHandle::isAlive);
  }
}
