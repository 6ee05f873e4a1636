package io.stepwell.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/**
 * Stops a folder's server at the end of the last process that uses it. Every user holds a shared
 * lock on a file until it ends, in whatever way; who then gets the lock for itself was the last.
 *
 * <p>One a process and folder, also where development mode loads this class again: a second lock on
 * the file could not be had, and closing its channel would give up the first.
 */
final class LastUserStops extends Thread {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path folder;
  private final List<String> stopCommand;
  private final Runnable beforeStop;
  private final FileChannel channel;
  private final FileLock shared;

  private LastUserStops(Path folder, List<String> stopCommand, Runnable beforeStop)
      throws IOException {
    super("embedded-postgres-stop");
    this.folder = folder;
    this.stopCommand = stopCommand;
    this.beforeStop = beforeStop;
    this.channel =
        FileChannel.open(
            folder.resolve("users.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    this.shared = channel.lock(0, Long.MAX_VALUE, true);
  }

  /** Counts this process as a user; the caller holds the start lock. */
  static void whenThisProcessEnds(Path folder, List<String> stopCommand, Runnable beforeStop)
      throws IOException {
    String mark = "stepwell.embedded.used." + folder;
    if (System.getProperty(mark) == null) {
      Runtime.getRuntime().addShutdownHook(new LastUserStops(folder, stopCommand, beforeStop));
      System.setProperty(mark, "true");
    }
  }

  @Override
  public void run() {
    beforeStop.run();
    // race: another process is starting and counts on the server; the start lock decides
    try (StartLock _ = StartLock.take(folder, PATIENCE)) {
      shared.release();
      if (channel.tryLock() != null) {
        new ProcessBuilder(stopCommand)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
      }
    } catch (IOException unstopped) {
      // the next start finds the server still running
      System.err.println("The embedded PostgreSQL goes on running: " + unstopped.getMessage());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
