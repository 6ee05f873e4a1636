package io.stepwell.durability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Signals, of which Java itself knows two. */
enum Signal {
  STOP,
  CONT,
  HUP,
  USR1,
  USR2;

  void send(Process process) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name(), "" + process.pid()).start();
      if (!kill.waitFor(30, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("kill -" + name() + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
