package io.stepwell.durability;

import static org.awaitility.Awaitility.await;

import io.stepwell.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PgBouncer in front of a test's database, in transaction mode with four sessions. */
final class PgBouncer implements AutoCloseable {
  static final int SESSIONS = 4;
  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
  private static final Pattern URL = Pattern.compile("jdbc:postgresql://([^:/]+):(\\d+)/(\\w+).*");

  private final Process process;
  private final String jdbcUrl;

  private PgBouncer(Process process, String jdbcUrl) {
    this.process = process;
    this.jdbcUrl = jdbcUrl;
  }

  static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  static PgBouncer start(Path folder, TestDatabase database) throws IOException {
    Matcher server = URL.matcher(database.jdbcUrl());
    if (!server.matches()) {
      throw new IllegalStateException("no place for a pooler: " + database.jdbcUrl());
    }
    Files.createDirectories(folder);
    int port = freePort();
    Path users = folder.toAbsolutePath().resolve("users.txt");
    Files.writeString(
        users,
        "\"%s\" \"%s\"\n".formatted(database.username(), database.password())
            + TestDatabase.apiUsername()
                .map(role -> "\"%s\" \"%s\"\n".formatted(role, TestDatabase.apiPassword()))
                .orElse(""));
    Path settings = folder.toAbsolutePath().resolve("pgbouncer.ini");
    Files.writeString(
        settings,
        """
        [databases]
        pooled = host=%s port=%s dbname=%s
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
        logfile = %s
        """
            .formatted(
                server.group(1),
                server.group(2),
                server.group(3),
                port,
                users,
                SESSIONS,
                folder.toAbsolutePath().resolve("pgbouncer.log")));
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), settings.toString()));
    if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      // like PostgreSQL it refuses the administrator's account
      command.addAll(0, List.of("unshare", "-U"));
    }
    for (Path read : List.of(settings, users)) {
      Files.setPosixFilePermissions(read, PosixFilePermissions.fromString("rw-r--r--"));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.log").toFile())
            .start();
    PgBouncer bouncer = new PgBouncer(process, "jdbc:postgresql://127.0.0.1:" + port + "/pooled");
    await("pgbouncer, see " + folder)
        .atMost(Duration.ofSeconds(30))
        .failFast(() -> !process.isAlive())
        .until(() -> answers(port));
    return bouncer;
  }

  private static boolean answers(int port) {
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

  String jdbcUrl() {
    return jdbcUrl;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
