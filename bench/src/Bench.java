import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.nio.file.Files;
import java.nio.file.Path;
import report.Report;
import scenario.Calls;
import scenario.Concurrency;
import scenario.Conditions;
import scenario.Latency;
import scenario.Replicas;
import scenario.Scenario;
import server.Postgres;
import server.Stage;

/** Entry: plays the scenarios that the command line names and prints what they measured. */
final class Bench {
  private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  static {
    SCENARIOS.put("conditions", new Conditions());
    SCENARIOS.put("latency", new Latency());
    SCENARIOS.put("concurrency", new Concurrency());
    SCENARIOS.put("calls", new Calls());
    SCENARIOS.put("replicas", new Replicas());
  }

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    CommandLine line = CommandLine.parse(arguments, SCENARIOS.keySet());
    Files.createDirectories(Path.of("target/bench"));
    List<Report> reports = new ArrayList<>();
    try (Postgres postgres = Postgres.start(line.postgres())) {
      for (String name : line.scenarios()) {
        System.err.println("bench: " + name);
        Scenario scenario = SCENARIOS.get(name);
        Report report = new Report(name);
        int replicas = line.replicas() == 0 ? scenario.replicas() : line.replicas();
        try (Stage stage = Stage.open(postgres, name, line.launch(), replicas, line.profile())) {
          scenario.play(stage, line.effort(), report);
        }
        System.out.println(report.table());
        reports.add(report);
      }
    }
    System.exit(0);
  }
}
