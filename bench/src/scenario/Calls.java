package scenario;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import load.ClosedLoop;
import load.HttpConnection;
import report.Report;
import server.ProcessUsage;
import server.Stage;
import server.Stage.Workflow;

/** Five calls of a stub in a process of its own, beside as many conditions. */
public final class Calls implements Scenario {
  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    Process stub = startStub();
    try {
      int port = Integer.parseInt(stub.inputReader().readLine());
      String calls = actions(port);
      Conditions.warmUp(stage, effort, "warm-up", Conditions.actions());
      Conditions.warmUp(stage, effort, "warm-up-calls", calls);
      stage.beginProfile();
      for (int round = 1; round <= effort.rounds(); round++) {
        Workflow conditions = stage.workflow("conditions-" + round, Conditions.actions());
        double trivial = Conditions.measure(stage, effort, new Report("unused"), conditions);
        double before = ProcessUsage.cpuSecondsOfTree(stub.pid());
        double reached =
            Conditions.measure(stage, effort, report, stage.workflow("calls-" + round, calls));
        double stubCpu = ProcessUsage.cpuSecondsOfTree(stub.pid()) - before;
        double count = report.figures().get("executions").getLast();
        report.add("CPU s per 1,000 executions, stub", stubCpu / count * 1000);
        report.add("five conditions, executions/s", trivial);
        report.add("ratio to five conditions", reached / trivial);
        // what the machine would give if an engine cost nothing to call and to record
        double bare = bareCalls(port, effort) / Conditions.STEPS;
        double bound = 1 / (1 / trivial + 1 / bare);
        report.add("five bare calls by the load client, a second", bare);
        report.add("five conditions and five bare calls, a second", bound);
        report.add("ratio to those", reached / bound);
      }
    } finally {
      stub.destroy();
    }
  }

  /** How many calls a second the load client and the stub do between them, and nobody else. */
  private static double bareCalls(int port, Effort effort) throws Exception {
    byte[] call = HttpConnection.request("POST", "/orders", "none", "", "{\"amount\": 1234567}");
    long start = System.nanoTime();
    int count =
        new ClosedLoop(List.of(port), effort.clients()).during(effort.seconds(), call, 201).count();
    return count / ((System.nanoTime() - start) / 1e9);
  }

  static Process startStub() throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process stub =
        new ProcessBuilder(java.toString(), "-XX:+UseSerialGC", "-Xmx256m", "bench/src/Stub.java")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(stub::destroyForcibly));
    return stub;
  }

  private static String actions(int port) {
    StringBuilder actions = new StringBuilder("[");
    for (int step = 1; step <= Conditions.STEPS; step++) {
      actions
          .append(step == 1 ? "" : ", ")
          .append(
              """
              {"name": "call_%d", "type": "call_api",
               "config": {"method": "POST", "url": "http://127.0.0.1:%d/orders",
                          "body": {"amount": "{{ trigger.amount }}"}}}
              """
                  .formatted(step, port));
    }
    return actions.append("]").toString();
  }
}
