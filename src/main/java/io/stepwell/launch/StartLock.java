package io.stepwell.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One at a time, over all processes and class loaders: starting or stopping a folder's server. */
final class StartLock implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final FileChannel channel;

  private StartLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits for its turn, at most this long. */
  static StartLock take(Path folder, Duration patience) throws IOException {
    Path file = folder.resolve("start.lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long deadline = System.nanoTime() + patience.toNanos();
    while (tryLock(channel) == null) {
      if (System.nanoTime() > deadline) {
        channel.close();
        throw new IOException("another process has been holding " + file + " for too long");
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return new StartLock(channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldHere) {
      // another thread of this process, maybe of another class loader
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
