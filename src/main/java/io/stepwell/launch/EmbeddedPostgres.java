package io.stepwell.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A durable PostgreSQL of our own in one folder, for development, tests and trials.
 *
 * <p>The server is a process beside this one and outlives its sudden death: whoever opens the same
 * folder next finds it and goes on with it, or starts it again on the kept data. It listens on the
 * loopback address only, and trusts everybody there. When the last process that opened the folder
 * ends in order, the server is stopped.
 *
 * <p>In the folder stand {@code data}, the unpacked programs, {@code server.log}, and two lock
 * files. Safe for use by several processes and threads at once.
 */
public final class EmbeddedPostgres {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String LOOPBACK = "127.0.0.1";
  private static final int LOG_LINES_SHOWN = 12;

  /** A killed process must lose nothing that was committed, and nobody else may connect. */
  private static final String SETTINGS =
      " -c listen_addresses="
          + LOOPBACK
          + " -c unix_socket_directories="
          + " -c fsync=on -c synchronous_commit=on -c full_page_writes=on"
          + " -c max_connections=200 -c log_checkpoints=off";

  private static final String API_USER_IS_ABSENT =
      "select to_regrole('" + Server.API_USER + "') is null";

  private final Path folder;
  private final Path data;
  private final Path log;

  private EmbeddedPostgres(Path folder) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.log = folder.resolve("server.log");
  }

  /** Where the server answers. */
  public record Server(int port) {
    /** Who owns everything; no password. */
    public static final String USER = "postgres";

    /** The role of requests ({@link ApiRole}); no password either. */
    public static final String API_USER = "stepwell_api";

    /** The database that is always there. */
    public static final String DATABASE = "postgres";

    /** The JDBC address of one of its databases. */
    public String jdbcUrl(String database) {
      return "jdbc:postgresql://" + LOOPBACK + ":" + port + "/" + database;
    }
  }

  /** Finds or starts the server of this folder; it runs at least until this process ends. */
  public static Server open(Path folder) {
    return open(folder, () -> {});
  }

  /**
   * Finds or starts the server of this folder.
   *
   * @param beforeStop is called in a shutdown hook and returns when nobody here needs it any more
   * @throws LaunchException when it cannot run; the message says why and what to do
   */
  public static Server open(Path folder, Runnable beforeStop) {
    try {
      Files.createDirectories(folder);
      return new EmbeddedPostgres(folder.toRealPath()).open(beforeStop);
    } catch (IOException failure) {
      throw new LaunchException(
          "Cannot run the embedded PostgreSQL in " + folder + ": " + failure, failure);
    }
  }

  private Server open(Runnable beforeStop) throws IOException {
    try (StartLock _ = StartLock.take(folder, START.multipliedBy(2))) {
      PostgresPrograms programs = PostgresPrograms.in(PostgresBinaries.unpackedBelow(folder));
      Postmaster running = awaitReady().orElse(null);
      if (running == null) {
        initialize(programs);
        running = start(programs);
      }
      LastUserStops.whenThisProcessEnds(
          folder, programs.command("pg_ctl", stopArguments()), beforeStop);
      Server server = new Server(running.port());
      createApiUser(server);
      return server;
    }
  }

  /** Where it is missing: the folder may be from before there was one. */
  private static void createApiUser(Server server) throws IOException {
    DatabaseAddress address =
        new DatabaseAddress(
            server.jdbcUrl(Server.DATABASE), Optional.of(Server.USER), Optional.empty());
    try (Connection connection = address.connections(START).getConnection();
        Statement statement = connection.createStatement();
        ResultSet absent = statement.executeQuery(API_USER_IS_ABSENT)) {
      absent.next();
      if (absent.getBoolean(1)) {
        statement.execute("create role " + Server.API_USER + " login");
      }
    } catch (SQLException failure) {
      throw new IOException(failure);
    }
  }

  private String[] stopArguments() {
    return new String[] {"stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "30"};
  }

  private void initialize(PostgresPrograms programs) throws IOException {
    if (Files.exists(data.resolve("PG_VERSION"))) {
      return;
    }
    // a crash in between leaves only the folder of the other name
    Path unfinished = folder.resolve("data.unfinished");
    Folders.delete(unfinished);
    Path output = folder.resolve("initdb.log");
    boolean done =
        programs.run(
            output,
            "initdb",
            "-D",
            unfinished.toString(),
            "-U",
            Server.USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            // sorts and folds the same on every machine
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8");
    if (!done) {
      throw failed("Cannot create the embedded PostgreSQL", output);
    }
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private Postmaster start(PostgresPrograms programs) throws IOException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      Files.deleteIfExists(log);
      boolean up =
          programs.run(
              folder.resolve("start.log"),
              "pg_ctl",
              "start",
              "-D",
              data.toString(),
              "-l",
              log.toString(),
              "-w",
              "-t",
              Long.toString(START.toSeconds()),
              "-o",
              "-p " + freePort() + SETTINGS);
      Optional<Postmaster> running = up ? awaitReady() : Optional.empty();
      if (running.isPresent()) {
        return running.get();
      }
      // the port went to somebody else, or backends of a killed server still hold its memory
      boolean passing = Files.exists(log) && Files.readString(log).contains("in use");
      if (!passing || System.nanoTime() > deadline) {
        throw failed("Cannot start the embedded PostgreSQL", log);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** The running server once it accepts connections; empty when none runs. */
  private Optional<Postmaster> awaitReady() throws IOException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      Optional<Postmaster> running = Postmaster.on(data);
      if (running.isEmpty() || running.get().ready()) {
        return running;
      }
      if (System.nanoTime() > deadline) {
        throw failed("The embedded PostgreSQL runs but does not get ready", log);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private LaunchException failed(String what, Path output) {
    return new LaunchException(
        what + " in " + folder + ":\n" + String.join("\n", lastLines(output)));
  }

  private static List<String> lastLines(Path output) {
    try {
      List<String> lines = Files.readAllLines(output);
      return lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
    } catch (IOException unreadable) {
      return List.of(output + " says nothing");
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
