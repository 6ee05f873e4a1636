package scenario;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import load.HttpConnection;
import load.Latencies;
import load.OpenLoop;
import report.Report;
import server.Packaging;
import server.ProcessUsage;
import server.Stage;
import server.Stage.Workflow;

/** A small heap, and a workspace that does all it can to fill it, beside one that does not. */
public final class Memory implements Scenario {
  private static final String HEAP = "-Xmx256m";
  private static final double PER_SECOND = 10;
  private static final int CLIENTS_OF_EACH_KIND = 6;
  private static final int CALLS = 12;
  private static final int TRIGGER_BYTES = 900_000;
  private static final double PATIENCE_SECONDS = 300;

  private static final String ALL_ENDED = "select not exists (select from execution_queue)";

  private static final String ENDED = "select count(*) from execution where workflow_id = ?";

  private static final String COMPLETED = ENDED + " and status = 'COMPLETED'";

  @Override
  public void play(Stage stage, Effort effort, Report report) throws Exception {
    report.note("The service has " + HEAP + ". It lives, and nothing that it accepted was lost.");
    Process stub = Calls.startStub();
    try (Stage small = stage.beside("memory_small", Packaging.jvm(List.of(HEAP)))) {
      int port = Integer.parseInt(stub.inputReader().readLine());
      Hostile hostile = new Hostile(small.inWorkspace("hostile"), port);
      Conditions.warmUp(small, effort, "warm-up", Conditions.actions());
      OpenLoop loop = new OpenLoop(small.ports(), PER_SECOND);
      for (int round = 1; round <= effort.rounds(); round++) {
        Workflow alone = small.workflow("alone-" + round, Conditions.actions());
        Latencies before =
            loop.during(effort.seconds() * 3, List.of(Latency.waiting(small, alone)), 200);
        Workflow beside = small.workflow("beside-" + round, Conditions.actions());
        hostile.start();
        Latencies meanwhile;
        try {
          meanwhile =
              loop.during(effort.seconds() * 3, List.of(Latency.waiting(small, beside)), 200);
        } finally {
          hostile.stop();
        }
        small.database().awaitTrue(ALL_ENDED, PATIENCE_SECONDS);
        small.requireCompleted(alone, before.count());
        small.requireCompleted(beside, meanwhile.count());
        report.add("alone: execute to answer with Prefer: wait p50, ms", before.percentile(0.50));
        report.add("alone: execute to answer with Prefer: wait p99, ms", before.percentile(0.99));
        report.add("beside it: the same p50, ms", meanwhile.percentile(0.50));
        report.add("beside it: the same p99, ms", meanwhile.percentile(0.99));
        report.add("ratio of p50", meanwhile.percentile(0.50) / before.percentile(0.50));
        report.add("ratio of p99", meanwhile.percentile(0.99) / before.percentile(0.99));
      }
      hostile.report(report);
      report.add(
          "resident MiB at most", ProcessUsage.peakResidentMiB(small.services().getFirst().pid()));
    } finally {
      stub.destroy();
    }
  }

  /** What one workspace does as fast as it is let. */
  private static final class Hostile {
    private final Stage stage;
    private final List<Workflow> workflows;
    private final List<byte[]> requests;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger read = new AtomicInteger();
    private AtomicBoolean going = new AtomicBoolean();
    private List<Future<?>> clients = List.of();
    private ExecutorService threads;

    Hostile(Stage stage, int stub) throws IOException {
      this.stage = stage;
      Workflow data = stage.workflow("large-data", Conditions.actions());
      Workflow calls = stage.workflow("large-answers", calls(stub));
      this.workflows = List.of(data, calls);
      String list = "/workflows/executions?limit=100";
      String text = "{\"amount\": 42, \"text\": \"" + "x".repeat(TRIGGER_BYTES) + "\"}";
      // many small values take much more of the heap than of the text
      String objects = "{\"amount\": 42, \"list\": [{}" + ",{}".repeat(TRIGGER_BYTES / 3) + "]}";
      this.requests =
          List.of(
              stage.execute(data, "", text),
              stage.execute(data, "", objects),
              stage.execute(calls, "Prefer: wait=60\r\n", Conditions.TRIGGER),
              stage.get(list));
    }

    private static String calls(int stub) {
      List<String> actions = new ArrayList<>();
      for (int call = 1; call <= CALLS; call++) {
        actions.add(
            """
            {"name": "call_%d", "type": "call_api", "onError": "continue",
             "config": {"url": "http://127.0.0.1:%d/large", "maxResponseBytes": 4194304}}
            """
                .formatted(call, stub));
      }
      return "[" + String.join(", ", actions) + "]";
    }

    void start() {
      going = new AtomicBoolean(true);
      threads = Executors.newCachedThreadPool();
      clients = new ArrayList<>();
      for (byte[] request : requests) {
        for (int i = 0; i < CLIENTS_OF_EACH_KIND; i++) {
          clients.add(threads.submit(() -> client(request)));
        }
      }
    }

    private Void client(byte[] request) throws Exception {
      try (HttpConnection connection = HttpConnection.open(stage.ports().getFirst())) {
        while (going.get()) {
          int status = connection.exchangeStatus(request);
          switch (status) {
            case 200, 202 -> (request[0] == 'G' ? read : accepted).incrementAndGet();
            case 429, 503 -> {
              refused.incrementAndGet();
              Thread.sleep(100);
            }
            default -> throw new IllegalStateException("answered with " + status);
          }
        }
      }
      return null;
    }

    /** Fails where the process ended, or said what it should not. */
    void stop() throws Exception {
      going.set(false);
      for (Future<?> client : clients) {
        client.get();
      }
      threads.close();
    }

    void report(Report report) throws Exception {
      long stored = 0;
      long completed = 0;
      for (Workflow workflow : workflows) {
        stored += stage.database().number(ENDED, workflow.id());
        completed += stage.database().number(COMPLETED, workflow.id());
      }
      // one that was refused for want of an answer may be stored all the same
      if (!stage.services().getFirst().isAlive() || stored < accepted.get()) {
        throw new IllegalStateException(
            "%d of the hostile workspace's executions were accepted, %d are stored"
                .formatted(accepted.get(), stored));
      }
      report.add("hostile executions accepted", accepted.get());
      report.add("of them not COMPLETED", stored - completed);
      report.add("hostile requests refused (429, 503)", refused.get());
      report.add("hostile pages read", read.get());
    }
  }
}
