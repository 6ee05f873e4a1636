package server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the kernel says a process has used, from {@code /proc}. */
public final class ProcessUsage {
  private static final double TICKS_PER_SECOND =
      100; // USER_HZ, the same on every Linux that runs Java
  private static final int PARENT = 1;
  private static final int USER_TIME = 11;
  private static final int REAPED_SYSTEM_TIME = 14;
  private static final int OWN_SYSTEM_TIME = 12;

  private ProcessUsage() {}

  /** Processor seconds of a process and of all its children, those that have ended included. */
  public static double cpuSecondsOfTree(long pid) {
    double seconds = cpuTicks(pid, REAPED_SYSTEM_TIME);
    for (long child : children(pid)) {
      seconds += cpuTicks(child, OWN_SYSTEM_TIME);
    }
    return seconds / TICKS_PER_SECOND;
  }

  /** Resident memory now, in MiB. */
  public static double residentMiB(long pid) {
    return status(pid, "VmRSS:") / 1024.0;
  }

  /** The most that has been resident, in MiB. */
  public static double peakResidentMiB(long pid) {
    return status(pid, "VmHWM:") / 1024.0;
  }

  /** Threads of the operating system. */
  public static long threads(long pid) {
    return status(pid, "Threads:");
  }

  /**
   * Processor seconds by thread name, digits in it left out so that the threads of a pool add up.
   */
  public static Map<String, Double> cpuSecondsByThread(long pid) {
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads.toList()) {
        String line = read(thread.resolve("stat"));
        if (!line.isEmpty()) {
          String name = line.substring(line.indexOf('(') + 1, line.lastIndexOf(')'));
          double ticks = ticks(fields(line), OWN_SYSTEM_TIME);
          seconds.merge(name.replaceAll("[0-9#]+", "*"), ticks / TICKS_PER_SECOND, Double::sum);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return seconds;
  }

  /** The processes whose parent this is. */
  public static List<Long> children(long pid) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .map(p -> p.getFileName().toString())
          .filter(name -> Character.isDigit(name.charAt(0)))
          .map(Long::valueOf)
          .filter(candidate -> parent(candidate) == pid)
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static long parent(long pid) {
    String[] fields = stat(pid);
    return fields.length == 0 ? -1 : Long.parseLong(fields[PARENT]);
  }

  private static double cpuTicks(long pid, int last) {
    return ticks(stat(pid), last);
  }

  private static double ticks(String[] fields, int last) {
    return fields.length == 0
        ? 0
        : Arrays.stream(fields, USER_TIME, last + 1).mapToDouble(Double::parseDouble).sum();
  }

  /** None when the process has ended. */
  private static String[] stat(long pid) {
    String line = read(Path.of("/proc/" + pid + "/stat"));
    return line.isEmpty() ? new String[0] : fields(line);
  }

  /** The fields behind the command's name, which may itself hold spaces. */
  private static String[] fields(String stat) {
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ended) {
      return "";
    }
  }

  private static long status(long pid, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0L);
    } catch (IOException ended) {
      return 0;
    }
  }
}
