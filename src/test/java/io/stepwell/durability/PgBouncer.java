package io.stepwell.durability;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A PgBouncer in front of a test's database, in transaction mode. It keeps its port when it is
 * killed and started again.
 */
public final class PgBouncer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
  private static final Duration START = Duration.ofSeconds(30);
  private static final Pattern URL = Pattern.compile("jdbc:postgresql://([^:/]+):(\\d+)/(\\w+).*");

  /** What its clients call the database. */
  public static final String DATABASE = "pooled";

  private final Path folder;
  private final int port;
  private final int sessions;
  private final Map<String, String> users;
  private volatile Process process;

  private PgBouncer(Path folder, int port, int sessions, Map<String, String> users, String server)
      throws IOException {
    this.folder = folder.toAbsolutePath();
    this.port = port;
    this.sessions = sessions;
    this.users = users;
    Files.createDirectories(folder);
    configure(server);
    this.process = launch();
  }

  public static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  /**
   * Starts one; its logs are in the folder.
   *
   * @param sessions how many of the server's all clients of one role share
   * @param jdbcUrl where the server is
   * @param users the password of each role, by its name
   */
  public static PgBouncer start(
      Path folder, int sessions, String jdbcUrl, Map<String, String> users) throws IOException {
    PgBouncer bouncer = new PgBouncer(folder, freePort(), sessions, users, jdbcUrl);
    bouncer.awaitStart();
    return bouncer;
  }

  private void configure(String jdbcUrl) throws IOException {
    Matcher server = URL.matcher(jdbcUrl);
    if (!server.matches()) {
      throw new IllegalStateException("no place for a pooler: " + jdbcUrl);
    }
    Files.writeString(
        settings(),
        """
        [databases]
        %s = host=%s port=%s dbname=%s
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = trust
        auth_file = %s
        pool_mode = transaction
        default_pool_size = %d
        max_client_conn = 200
        ignore_startup_parameters = extra_float_digits
        server_login_retry = 1
        logfile = %s
        """
            .formatted(
                DATABASE,
                server.group(1),
                server.group(2),
                server.group(3),
                port,
                users(),
                sessions,
                folder.resolve("pgbouncer.log")));
    Files.writeString(
        users(),
        users.entrySet().stream()
            .map(user -> "\"%s\" \"%s\"\n".formatted(user.getKey(), user.getValue()))
            .collect(Collectors.joining()));
    for (Path read : List.of(settings(), users())) {
      Files.setPosixFilePermissions(read, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  private Path users() {
    return folder.resolve("users.txt");
  }

  private Path settings() {
    return folder.resolve("pgbouncer.ini");
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), settings().toString()));
    if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      // like PostgreSQL it refuses the administrator's account
      command.addAll(0, List.of("unshare", "-U"));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("output.log").toFile()))
        .start();
  }

  private void awaitStart() {
    await("pgbouncer, see " + folder)
        .atMost(START)
        .failFast(() -> !process.isAlive())
        .until(this::answers);
  }

  private boolean answers() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
  }

  /** Ends it as a crash does. */
  public void kill() {
    process.destroyForcibly();
    await("its end").atMost(START).until(() -> !process.isAlive());
  }

  public void restart() {
    kill();
    start();
  }

  /** Starts it again after it was killed. */
  public void start() {
    try {
      process = launch();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    awaitStart();
  }

  /** Every query waits from now on, once the transactions that have begun are over. */
  public void pause() {
    Signal.USR1.send(process);
  }

  public void resume() {
    Signal.USR2.send(process);
  }

  /** Goes to another server from now on. */
  public void follow(String server) throws IOException {
    configure(server);
    Signal.HUP.send(process);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
