import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import report.Machine;
import report.Report;
import scenario.Calls;
import scenario.Concurrency;
import scenario.Conditions;
import scenario.History;
import scenario.Idle;
import scenario.Latency;
import scenario.Memory;
import scenario.Neighbours;
import scenario.OpenStreams;
import scenario.Packagings;
import scenario.Replicas;
import scenario.Retention;
import scenario.Scenario;
import scenario.Waiting;
import scenario.Waits;
import server.Postgres;
import server.Service;
import server.Stage;

/** Entry: plays the scenarios that the command line names and prints what they measured. */
final class Bench {
  private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  static {
    SCENARIOS.put("conditions", new Conditions());
    SCENARIOS.put("latency", new Latency());
    SCENARIOS.put("concurrency", new Concurrency());
    SCENARIOS.put("calls", new Calls());
    SCENARIOS.put("waits", new Waits());
    SCENARIOS.put("waiting", new Waiting());
    SCENARIOS.put("memory", new Memory());
    SCENARIOS.put("neighbours", new Neighbours());
    SCENARIOS.put("history", new History());
    SCENARIOS.put("retention", new Retention());
    SCENARIOS.put("streams", new OpenStreams());
    SCENARIOS.put("idle", new Idle());
    SCENARIOS.put("replicas", new Replicas());
    SCENARIOS.put("packagings", new Packagings());
  }

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    CommandLine line = CommandLine.parse(arguments, SCENARIOS.keySet());
    Files.createDirectories(Path.of("target/bench"));
    List<Report> reports = new ArrayList<>();
    boolean failed = false;
    try (Postgres postgres = Postgres.start(line.postgres())) {
      Machine machine = Machine.here(postgres.version(), line.command());
      System.out.println(machine.markdown());
      for (String name : line.scenarios()) {
        System.err.println("bench: " + name);
        Report report = new Report(name);
        try {
          play(SCENARIOS.get(name), name, postgres, line, report);
          reports.add(report);
          System.out.println(report.table());
        } catch (Exception failure) {
          // the other scenarios are measured all the same
          failure.printStackTrace();
          failed = true;
        }
        machine.writeJson(Path.of("target/bench/results.json"), reports);
      }
    }
    System.exit(failed ? 1 : 0);
  }

  private static void play(
      Scenario scenario, String name, Postgres postgres, CommandLine line, Report report)
      throws Exception {
    int replicas = line.replicas() == 0 ? scenario.replicas() : line.replicas();
    Map<String, String> environment = new LinkedHashMap<>(scenario.environment());
    environment.putAll(line.launch().environment());
    Service.Launch launch = new Service.Launch(line.launch().command(), environment);
    try (Stage stage = Stage.open(postgres, name, launch, replicas, line.profile())) {
      scenario.play(stage, line.effort(), report);
    }
  }
}
