package scenario;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import report.Report;
import server.Packaging;
import server.Reference;
import server.Stage;

/** Five conditions on the JVM, on the JVM with its AOT cache and by the executable, in turns. */
public final class Packagings implements Scenario {
  private static final String JVM = "JVM";
  private static final String NATIVE = "native";

  /** Each with a database of its own; those that are not measured are idle. */
  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Map<String, Stage> stages = new LinkedHashMap<>();
    stages.put(JVM, stage);
    try {
      open(stages, "JVM with AOT cache", Packaging.jvmWithAotCache(), report);
      open(stages, NATIVE, Packaging.executable(List.of()), report);
      List<String> options = Packaging.optionsOfExecutable();
      open(stages, NATIVE + " " + String.join(" ", options), Packaging.executable(options), report);
      for (Stage each : stages.values()) {
        Conditions.warmUp(each, effort, "warm-up", Conditions.actions());
      }
      Optional<Reference> reference = Reference.on(stage);
      for (int round = 1; round <= effort.rounds(); round++) {
        if (reference.isPresent()) {
          report.add(
              Conditions.REFERENCE,
              reference.get().sevenWritesPerSecond(effort.clients(), effort.seconds() / 2));
        }
        for (Map.Entry<String, Stage> each : stages.entrySet()) {
          round(each.getValue(), each.getKey(), effort, report, "round-" + round);
        }
      }
      if (stages.containsKey(NATIVE)) {
        report.add("throughput, native to JVM", rate(report, NATIVE) / rate(report, JVM));
      }
    } finally {
      for (Stage each : stages.values()) {
        if (each != stage) {
          each.close();
        }
      }
    }
  }

  private static void open(
      Map<String, Stage> stages, String name, Optional<List<String>> command, Report report)
      throws Exception {
    if (command.isEmpty()) {
      report.note("Not built, so not measured: " + name + ".");
      return;
    }
    stages.put(name, stages.get(JVM).beside("packaging_" + stages.size(), command.get()));
  }

  private static void round(Stage stage, String name, Effort effort, Report report, String key)
      throws Exception {
    Report measured = new Report("unused");
    Conditions.measure(stage, effort, measured, stage.workflow(key, Conditions.actions()));
    for (String figure :
        List.of(
            Conditions.THROUGHPUT,
            "answer to execute p99, ms",
            "CPU s per 1,000 executions, service",
            "resident MiB at most, all replicas")) {
      report.add(name + ": " + figure, measured.figures().get(figure).getFirst());
    }
  }

  private static double rate(Report report, String name) {
    return Report.median(report.figures().get(name + ": " + Conditions.THROUGHPUT));
  }
}
