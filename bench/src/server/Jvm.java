package server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the JVM of a replica; a native executable does not answer. */
public final class Jvm {
  private static final Pattern USED = Pattern.compile("used (\\d+)([KM])");

  private Jvm() {}

  /** MiB that are still in use after a full collection; NaN where no JVM answers. */
  public static double liveHeapMiB(long pid) throws IOException, InterruptedException {
    command(pid, "GC.run");
    Matcher used = USED.matcher(command(pid, "GC.heap_info"));
    if (!used.find()) {
      return Double.NaN;
    }
    double amount = Double.parseDouble(used.group(1));
    return used.group(2).equals("K") ? amount / 1024 : amount;
  }

  /** The answer of a JVM to a diagnostic command. */
  static String command(long pid, String... words) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    builder.command().add(Long.toString(pid));
    builder.command().addAll(List.of(words));
    Process process = builder.redirectErrorStream(true).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return answer;
  }
}
