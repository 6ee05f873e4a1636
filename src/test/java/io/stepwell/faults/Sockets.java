package io.stepwell.faults;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out which process a connection belongs to, on Linux. */
final class Sockets {
  private static final int LOCAL_ADDRESS = 1;
  private static final int INODE = 9;

  private Sockets() {}

  /** Whether the process has the connection that leaves this port. */
  static boolean belongs(int localPort, long process) throws IOException {
    Optional<String> inode = inode(localPort);
    if (inode.isEmpty()) {
      return false;
    }
    Path socket = Path.of("socket:[" + inode.get() + "]");
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(process), "fd"))) {
      for (Path file : files) {
        if (isLink(file, socket)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isLink(Path file, Path target) {
    try {
      return Files.readSymbolicLink(file).equals(target);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  private static Optional<String> inode(int localPort) throws IOException {
    String port = ":%04X".formatted(localPort);
    for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        Optional<String> inode =
            lines
                .skip(1)
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[LOCAL_ADDRESS].endsWith(port))
                .map(fields -> fields[INODE])
                .findFirst();
        if (inode.isPresent()) {
          return inode;
        }
      }
    }
    return Optional.empty();
  }
}
