package io.stepwell.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A durable PostgreSQL that a test may crash, break and start again: nobody else uses it. It keeps
 * its port.
 */
public final class BreakablePostgres implements AutoCloseable {
  private static final Path PROGRAMS = Path.of("target", "test-postgres");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration TURN = Duration.ofMillis(200);

  private static final String STANDBY_HAS =
      """
      select coalesce(bool_or(sync_state = 'sync' and replay_lsn >= '%s'), false)
      from pg_stat_replication
      """;

  private final Path folder;
  private final Path data;
  private final PostgresPrograms programs;
  private final int port;
  private final Map<String, String> settings;

  private BreakablePostgres(Path folder, PostgresPrograms programs, Map<String, String> settings)
      throws IOException {
    this.folder = folder.toRealPath();
    this.data = this.folder.resolve("data");
    this.programs = programs;
    this.port = freePort();
    this.settings = settings;
  }

  /** Makes a new server in the folder and starts it; what stood there is deleted. */
  public static BreakablePostgres start(Path folder, Map<String, String> settings)
      throws IOException {
    Files.createDirectories(PROGRAMS);
    Path bin;
    try (StartLock _ = StartLock.take(PROGRAMS.toRealPath(), PATIENCE)) {
      bin = PostgresBinaries.unpackedBelow(PROGRAMS.toRealPath());
    }
    Files.createDirectories(folder);
    BreakablePostgres server = new BreakablePostgres(folder, PostgresPrograms.in(bin), settings);
    Folders.delete(server.data);
    boolean done =
        server.run("initdb", "-D", server.data.toString(), "-U", "postgres", "-A", "trust", "-N");
    if (!done) {
      throw new IllegalStateException("initdb failed, see " + server.folder);
    }
    server.ensureRunning();
    return server;
  }

  /**
   * Starts it unless it runs, as often as it takes: a crash may leave memory in use for a while.
   */
  public void ensureRunning() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!accepts()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("PostgreSQL does not start, see " + folder);
      }
      if (Postmaster.on(data).isEmpty()) {
        run(
            "pg_ctl",
            "start",
            "-D",
            data.toString(),
            "-l",
            folder.resolve("server.log").toString(),
            "-w",
            "-t",
            "60",
            "-o",
            options());
      }
      LockSupport.parkNanos(TURN.toNanos());
    }
  }

  private String options() {
    return "-p "
        + port
        + " -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        + settings.entrySet().stream()
            .map(setting -> " -c " + setting.getKey() + "=" + setting.getValue())
            .collect(Collectors.joining());
  }

  /** Ends it without any order: the next start recovers from the log. */
  public void crash() throws IOException {
    run("pg_ctl", "stop", "-D", data.toString(), "-m", "immediate", "-w", "-t", "60");
  }

  /** Makes a standby of this server in the folder, with a port apart; this one goes on. */
  public BreakablePostgres standby(Path place) throws IOException {
    Files.createDirectories(place);
    BreakablePostgres standby = new BreakablePostgres(place, programs, settings);
    standby.follow(this);
    return standby;
  }

  /** Starts as a standby of another server; what it has is deleted, and it must not run. */
  public void follow(BreakablePostgres primary) throws IOException {
    Folders.delete(data);
    try (Connection server = primary.connect("postgres")) {
      BaseBackup.take(server, primary.data, data);
    } catch (SQLException failure) {
      throw new IllegalStateException("no standby in " + folder, failure);
    }
    Files.createFile(data.resolve("standby.signal"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"),
        """
        primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=standby'
        wal_retrieve_retry_interval = 500
        """
            .formatted(primary.port));
    ensureRunning();
  }

  /** Has every commit wait for the standby from now on; returns once it is up to date. */
  public void waitForStandby() throws SQLException {
    execute("postgres", "alter system set synchronous_standby_names = standby");
    execute("postgres", "select pg_reload_conf()");
    awaitStandby();
  }

  /** Waits until the standby, for which commits wait, has all that there is now. */
  public void awaitStandby() throws SQLException {
    String place;
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_current_wal_lsn()")) {
      row.next();
      place = row.getString(1);
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(STANDBY_HAS.formatted(place))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the standby does not follow, see " + folder);
      }
      LockSupport.parkNanos(TURN.toNanos());
    }
  }

  /** Ends all its processes as the death of its machine does. */
  public void kill() throws IOException {
    ProcessHandle postmaster = Postmaster.on(data).orElseThrow().process();
    List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
    all.addFirst(postmaster);
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** Makes a standby the primary; returns once it is. */
  public void promote() {
    execute("postgres", "select pg_promote()");
  }

  private boolean accepts() {
    return holds("select true");
  }

  private boolean holds(String sql) {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException notYet) {
      return false;
    }
  }

  private boolean run(String program, String... arguments) throws IOException {
    return programs.run(folder.resolve(program + ".log"), program, arguments);
  }

  public int port() {
    return port;
  }

  /** A connection that may write, whatever the server's defaults are at the moment. */
  public Connection connect(String database) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:"
                + port
                + "/"
                + database
                + "?sslmode=disable&connectTimeout=5&socketTimeout=120&ApplicationName=faults",
            "postgres",
            "");
    try (Statement statement = connection.createStatement()) {
      statement.execute("set default_transaction_read_only = off");
      return connection;
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
  }

  /** Runs a statement on a connection of its own. */
  public void execute(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      crash();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
