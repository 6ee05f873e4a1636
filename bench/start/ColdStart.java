import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Measures from the start of the process to the first 202 of execute; docs/serverless.md says how. */
public final class ColdStart {
  private static final Path TARGET = Path.of("target");
  private static final Path APPLICATION = TARGET.resolve("quarkus-app");
  private static final Path CACHE = APPLICATION.resolve("stepwell.aot");
  private static final String EXECUTE = "/api/workspaces/cold/workflows/start/execute";

  /** The memory is read a while after the answer, when what starts in the background has started. */
  private static final Duration SETTLE = Duration.ofSeconds(2);

  private final Path folder = Files.createDirectories(TARGET.resolve("coldstart"));
  private final Database database = Database.create(folder.resolve("postgres"), "coldstart");

  private ColdStart() throws IOException, SQLException {}

  private record Start(double ms, double cpuMs, double residentMiB) {}

  private record Row(String mode, double ms, double slowest, double cpuMs, double residentMiB) {
    static Row of(String mode, List<Start> starts) {
      return new Row(
          mode,
          median(starts.stream().map(Start::ms)),
          starts.stream().mapToDouble(Start::ms).max().orElseThrow(),
          median(starts.stream().map(Start::cpuMs)),
          median(starts.stream().map(Start::residentMiB)));
    }

    private static double median(Stream<Double> values) {
      List<Double> sorted = values.sorted().toList();
      return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    String json() {
      return String.format(
          Locale.ROOT,
          "{\"mode\": \"%s\", \"first202Ms\": %.1f, \"slowestMs\": %.1f, \"cpuMs\": %.0f, \"residentMiB\": %.1f}",
          mode, ms, slowest, cpuMs, residentMiB);
    }
  }

  public static void main(String... arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    new ColdStart().run(rounds);
  }

  private static Map<String, List<String>> modes() throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String jar = APPLICATION.resolve("quarkus-run.jar").toString();
    // those of the image, and what is asked for after them, since the last one counts
    String asked = System.getenv().getOrDefault("COLDSTART_JAVA_OPTIONS", "").strip();
    List<String> options = new ArrayList<>(optionsOfImage("Dockerfile.jvm"));
    options.removeIf(option -> option.startsWith("-XX:AOTCache"));
    Stream.of(asked.split(" +")).filter(option -> !option.isEmpty()).forEach(options::add);
    Map<String, List<String>> modes = new LinkedHashMap<>();
    runner()
        .ifPresent(
            runner ->
                modes.put(
                    "native", command(runner.toString(), optionsOfImage("Dockerfile.native"))));
    if (Files.exists(CACHE)) {
      // required: a cache that does not fit ends the process instead of slowing the start
      modes.put(
          "JVM, AOT cache",
          command(java, options, "-XX:AOTCache=" + CACHE, "-XX:AOTMode=on", "-jar", jar));
    }
    modes.put("JVM", command(java, options, "-jar", jar));
    return modes;
  }

  private static List<String> command(String java, List<String> options, String... rest) {
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(options);
    command.addAll(List.of(rest));
    return command;
  }

  /** Those of the virtual machine in an image's entry point. */
  private static List<String> optionsOfImage(String dockerfile) {
    try {
      String text = Files.readString(Path.of("src", "main", "docker", dockerfile));
      return Pattern.compile("\"(-X[^\"]+)\"")
          .matcher(text.substring(text.lastIndexOf("ENTRYPOINT")))
          .results()
          .map(option -> option.group(1))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static java.util.Optional<Path> runner() throws IOException {
    String named = System.getenv("COLDSTART_NATIVE");
    if (named != null) {
      return java.util.Optional.of(Path.of(named));
    }
    try (Stream<Path> files = Files.list(TARGET)) {
      return files.filter(file -> file.toString().endsWith("-runner")).findFirst();
    }
  }

  private void run(int rounds) throws Exception {
    Map<String, List<String>> modes = modes();
    prepare(modes.get("JVM"));
    Map<String, List<Start>> starts = new LinkedHashMap<>();
    // round 0 warms the page cache and this client, and does not count
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, List<String>> mode : modes.entrySet()) {
        Start start = measure(mode.getValue());
        System.err.printf(
            Locale.ROOT, "round %d, %s: %.0f ms%n", round, mode.getKey(), start.ms());
        if (round > 0) {
          starts.computeIfAbsent(mode.getKey(), any -> new ArrayList<>()).add(start);
        }
      }
    }
    List<Row> rows =
        starts.entrySet().stream().map(mode -> Row.of(mode.getKey(), mode.getValue())).toList();
    print(rows, rounds);
  }

  private void prepare(List<String> command) throws Exception {
    try (Service service =
        Service.start(command, database.environment(), folder.resolve("prepare.log"))) {
      service.awaitReady();
      service.post("/api/workspaces", "{\"slug\": \"cold\", \"name\": \"Cold\"}", 201);
      service.post(
          "/api/workspaces/cold/workflows",
          """
          {"key": "start", "name": "Start", "actions": [
            {"type": "condition", "config": {"expression": "1 = 1"}}]}""",
          201);
      key =
          service
              .post(
                  "/api/workspaces/cold/api-keys",
                  "{\"name\": \"cold\", \"role\": \"operator\"}",
                  201)
              .text("key");
      service.stop();
    }
  }

  private String key = "";

  private Start measure(List<String> command) throws Exception {
    Map<String, String> environment = new LinkedHashMap<>(database.environment());
    environment.put("QUARKUS_SHUTDOWN_DELAY", "0");
    try (Service service = Service.start(command, environment, folder.resolve("service.log"))) {
      Duration first = service.untilFirst202(EXECUTE, key);
      Duration cpu = service.cpu();
      TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
      double resident = service.residentMiB();
      service.stop();
      return new Start(first.toNanos() / 1e6, cpu.toMillis(), resident);
    }
  }

  private void print(List<Row> rows, int rounds) throws IOException {
    System.out.printf(
        "Process start to the first 202 of execute, medians of %d interleaved rounds%n%n", rounds);
    System.out.println("| | first 202, ms | slowest, ms | CPU until then, ms | resident, MiB |");
    System.out.println("| --- | ---: | ---: | ---: | ---: |");
    for (Row row : rows) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.0f | %.0f | %.0f |%n",
          row.mode(), row.ms(), row.slowest(), row.cpuMs(), row.residentMiB());
    }
    Path json = folder.resolve("coldstart.json");
    Files.writeString(
        json,
        "{\"rounds\": %d, \"processors\": %d, \"starts\": [\n  %s\n]}\n"
            .formatted(
                rounds,
                Runtime.getRuntime().availableProcessors(),
                String.join(",\n  ", rows.stream().map(Row::json).toList())));
    System.out.println("\nAlso in " + json);
  }
}
