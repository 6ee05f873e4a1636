package report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where and of what the figures are. */
public final class Machine {
  private final Map<String, String> facts = new LinkedHashMap<>();

  private Machine() {}

  /** This machine, the commit that is checked out, and the command that measures. */
  public static Machine here(String postgres, String command) throws IOException {
    Machine machine = new Machine();
    machine.facts.put(
        "processor",
        line("/proc/cpuinfo", "model name") + " × " + Runtime.getRuntime().availableProcessors());
    double kib = Double.parseDouble(line("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    machine.facts.put("memory", "%.0f GiB".formatted(kib / 1024 / 1024));
    machine.facts.put(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.facts.put("java", System.getProperty("java.vm.vendor") + " " + Runtime.version());
    machine.facts.put("postgresql", postgres);
    machine.facts.put("commit", commit());
    machine.facts.put("command", command);
    machine.facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return machine;
  }

  /** A list of the facts. */
  public String markdown() {
    return facts.entrySet().stream()
        .map(fact -> "- " + fact.getKey() + ": " + fact.getValue())
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** Writes the facts and every figure with all its rounds. */
  public void writeJson(Path file, List<Report> reports) throws IOException {
    String machine =
        facts.entrySet().stream()
            .map(fact -> "    " + quoted(fact.getKey()) + ": " + quoted(fact.getValue()))
            .collect(Collectors.joining(",\n"));
    String scenarios = reports.stream().map(Report::json).collect(Collectors.joining(",\n"));
    Files.writeString(
        file,
        "{\n  \"machine\": {\n%s\n  },\n  \"scenarios\": {\n%s\n  }\n}\n"
            .formatted(machine, scenarios));
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String line(String file, String name) throws IOException {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    }
  }

  private static String commit() throws IOException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty", "--tags")
            .redirectErrorStream(true)
            .start();
    return new String(git.getInputStream().readAllBytes()).trim();
  }
}
