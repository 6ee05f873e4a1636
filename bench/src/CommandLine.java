import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import scenario.Effort;
import server.Packaging;
import server.Service;

/** What the command line asks for. */
record CommandLine(
    List<String> scenarios,
    Effort effort,
    Service.Launch launch,
    int replicas,
    boolean profile,
    Optional<Path> postgres,
    String command) {

  private static final String HELP =
      """
      bench/run [scenario…] [options]

      Scenarios: %s
      Without any: conditions.

        --quick             a short look: little warm-up, one round, small numbers
        --clients N         clients at once (32)
        --rounds N          measured rounds (3)
        --seconds N         of sending in a round (10)
        --warm-up N         seconds before the first round (20)
        --replicas N        replicas of the service
        --native            the executable target/*-runner instead of the JVM
        --jvm "OPTIONS"     options of the service's JVM, or of the executable
        --env NAME=VALUE    environment of the service; may be repeated
        --profile           collects what limits: a JFR recording, thread times, statements, wait events
        --sizes N,N,…       executions in the histories (10000,1000000,10000000)
        --postgres FOLDER   the programs of a PostgreSQL
      """;

  static CommandLine parse(String[] arguments, Set<String> known) throws Exception {
    List<String> scenarios = new ArrayList<>();
    int clients = 32;
    // first, so that it stands wherever it likes and other options refine it
    boolean quick = List.of(arguments).contains("--quick");
    int rounds = quick ? 1 : 3;
    double seconds = quick ? 2 : 10;
    double warmUp = quick ? 2 : 20;
    double scale = quick ? 0.01 : 1;
    int replicas = 0;
    boolean nativeImage = false;
    boolean profile = false;
    List<String> jvm = new ArrayList<>();
    Map<String, String> environment = new LinkedHashMap<>();
    List<Long> sizes = quick ? List.of(1_000L, 10_000L) : List.of(10_000L, 1_000_000L, 10_000_000L);
    Optional<Path> postgres = Optional.empty();
    var rest = Arrays.asList(arguments).iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      switch (argument) {
        case "--help" -> {
          System.out.print(HELP.formatted(String.join(" ", known)));
          System.exit(0);
        }
        case "--quick" -> {
          // read before everything else
        }
        case "--clients" -> clients = Integer.parseInt(rest.next());
        case "--rounds" -> rounds = Integer.parseInt(rest.next());
        case "--seconds" -> seconds = Double.parseDouble(rest.next());
        case "--warm-up" -> warmUp = Double.parseDouble(rest.next());
        case "--replicas" -> replicas = Integer.parseInt(rest.next());
        case "--native" -> nativeImage = true;
        case "--profile" -> profile = true;
        case "--jvm" -> jvm.addAll(List.of(rest.next().trim().split("\\s+")));
        case "--env" -> {
          String[] pair = rest.next().split("=", 2);
          environment.put(pair[0], pair[1]);
        }
        case "--sizes" -> sizes = Stream.of(rest.next().split(",")).map(Long::valueOf).toList();
        case "--postgres" -> postgres = Optional.of(Path.of(rest.next()));
        default -> {
          if (!known.contains(argument)) {
            System.err.println("bench/run: unknown: " + argument + " (see --help)");
            System.exit(2);
          }
          scenarios.add(argument);
        }
      }
    }
    if (scenarios.isEmpty()) {
      scenarios.add("conditions");
    }
    return new CommandLine(
        scenarios,
        new Effort(clients, rounds, seconds, warmUp, scale, sizes),
        new Service.Launch(command(nativeImage, jvm), environment),
        replicas,
        profile,
        postgres,
        ("bench/run " + String.join(" ", arguments)).trim());
  }

  private static List<String> command(boolean nativeImage, List<String> options)
      throws IOException {
    return nativeImage
        ? Packaging.executable(options)
            .orElseThrow(
                () -> new IllegalStateException("no target/*-runner: build the executable first"))
        : Packaging.jvm(options);
  }
}
