import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes the AOT cache of the packaged application: runs it once, on an embedded PostgreSQL that is
 * thrown away, has it do what a start and its first requests need, and lets the JVM keep the classes
 * that it loaded and how often they were used.
 *
 * <pre>java src/main/aot/Train.java target/quarkus-app</pre>
 *
 * <p>The cache is {@code stepwell.aot} in that folder. It fits this very JDK and these very jars at
 * their place; a JVM that finds anything else starts without it. Needs nothing but Java 25 (a JRE,
 * once compiled); not as root in a container, where PostgreSQL cannot be started.
 */
public final class Train {
  private static final String KEY = "training-run-administrator-key";
  private static final int EXECUTIONS = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final String WORKFLOW =
      """
      {"key": "training", "name": "Training", "triggerSchema": {"type": "object"}, "actions": [
        {"name": "gate", "type": "condition", "config": {"expression": "trigger.amount > 0"}},
        {"name": "tell", "type": "send_notification", "onError": "continue",
          "config": {"message": "Amount {{ trigger.amount }}", "recipient": "{{ user.id }}"}},
        {"name": "pause", "type": "wait", "config": {"durationMs": 1}},
        {"name": "call", "type": "call_api", "onError": "continue",
          "config": {"url": "http://127.0.0.1:9/refused"}},
        {"name": "task", "type": "create_task", "config": {"title": "Training"}}]}""";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path cache;
  private final Path folder;
  private final Path log;
  private final int port;
  private final long deadline = System.nanoTime() + PATIENCE.toNanos();

  private Train(Path application, Path folder) throws IOException {
    this.cache = application.resolve("stepwell.aot");
    this.folder = folder;
    this.log = folder.resolve("log");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
  }

  public static void main(String... arguments) throws IOException, InterruptedException {
    Path application = Path.of(arguments.length == 1 ? arguments[0] : "target/quarkus-app");
    Path jar = application.resolve("quarkus-run.jar");
    if (!Files.exists(jar)) {
      System.err.println(jar + " is missing: ./mvnw package -DskipTests");
      System.exit(1);
    }
    Path folder = Files.createTempDirectory("stepwell-training");
    try {
      new Train(application, folder).run(jar);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private void run(Path jar) throws IOException, InterruptedException {
    Files.deleteIfExists(cache);
    // unpacks PostgreSQL and makes the tables: no start from the cache will, so it need not hold how
    end(start(List.of(), jar, "--embedded", "--migrate"));
    Process service =
        start(
            List.of(
                "-XX:AOTCacheOutput=" + cache,
                // with profiles of the training, the optimizing compiler starts at once and the service after it
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTRecordTraining",
                // or else it reports every class that it cannot keep
                "-Xlog:aot*=error,cds*=error"),
            jar,
            "--embedded");
    try {
      awaitReady(service);
      use();
    } catch (IOException | InterruptedException | RuntimeException failure) {
      service.destroyForcibly();
      throw failure;
    }
    service.destroy();
    end(service);
    // a cache that the JVM does not accept ends it; better here than in production
    end(start(List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"), jar, "--help"));
    System.out.printf("%s: %.0f MiB%n", cache, Files.size(cache) / 1024.0 / 1024.0);
  }

  /** Starts the application with the image's collector, for which a cache holds the JVM's stubs. */
  private Process start(List<String> options, Path jar, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("-XX:+UseSerialGC");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(QUARKUS|STEPWELL)_.*|JAVA_TOOL_OPTIONS"));
    builder.environment().put("STEPWELL_BOOTSTRAP_ADMIN_KEY", KEY);
    builder.environment().put("STEPWELL_EMBEDDED_DATA", folder.resolve("postgres").toString());
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Waits for the end of a process, which must be a good one; 143 is that of one asked to end. */
  private void end(Process process) throws IOException, InterruptedException {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("it does not end:\n" + Files.readString(log));
      }
      if (process.exitValue() != 0 && process.exitValue() != 143) {
        throw new IllegalStateException("it failed:\n" + Files.readString(log));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private void awaitReady(Process process) throws IOException, InterruptedException {
    while (true) {
      try {
        if (send("GET", "/q/health/ready", "").statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // the port is not open
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("the service does not start:\n" + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void use() throws IOException, InterruptedException {
    String workspace = "/api/workspaces/training";
    send("POST", "/api/workspaces", "{\"slug\": \"training\", \"name\": \"Training\"}");
    send("POST", workspace + "/api-keys", "{\"name\": \"k\", \"role\": \"operator\"}");
    send("POST", workspace + "/workflows", WORKFLOW);
    String execution = "";
    for (int i = 1; i <= EXECUTIONS; i++) {
      HttpResponse<String> accepted =
          send(
              "POST",
              workspace + "/workflows/training/execute",
              "{\"triggerData\": {\"amount\": " + i + "}}");
      if (accepted.statusCode() != 202) {
        throw new IllegalStateException("execute was answered with " + accepted.body());
      }
      execution = accepted.headers().firstValue("Location").orElseThrow();
    }
    String path = URI.create(execution).getPath();
    // ends when the execution has
    send("GET", path + "/stream", "");
    for (String read :
        List.of(path, workspace + "/workflows/training/executions", workspace + "/tasks", "/q/metrics")) {
      if (send("GET", read, "").statusCode() != 200) {
        throw new IllegalStateException("cannot read " + read);
      }
    }
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
