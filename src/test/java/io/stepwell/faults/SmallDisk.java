package io.stepwell.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system in memory that can be filled up. Only root may mount one. */
final class SmallDisk implements AutoCloseable {
  private static final int BLOCK = 4096;

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one on the folder; empty where that is not allowed. */
  static Optional<SmallDisk> mount(Path folder, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    // what a run that was killed left mounted
    run("umount", folder.toString());
    boolean mounted =
        run(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=" + mebibytes + "m,mode=0700",
            "faults",
            folder.toString());
    return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
  }

  Path folder() {
    return folder;
  }

  /** Takes all the room that is left. */
  void fill() {
    byte[] block = new byte[BLOCK];
    try (OutputStream filler = Files.newOutputStream(folder.resolve("filler"))) {
      while (true) {
        filler.write(block);
      }
    } catch (IOException full) {
      // as it was to be
    }
  }

  void empty() {
    try {
      Files.deleteIfExists(folder.resolve("filler"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static boolean run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", folder.toString());
  }
}
