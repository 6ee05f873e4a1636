package io.stepwell.faults;

import io.stepwell.durability.EffectSink;
import io.stepwell.durability.Replica;
import io.stepwell.launch.BreakablePostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The service as an operator runs it: replicas, a PostgreSQL of their own, a proxy before it for
 * each, and what their steps reach outside. A replica that dies is started again, unless it is
 * held. However a test ends, no process outlives it.
 */
final class Cluster implements AutoCloseable {
  static final String DATABASE = "stepwell";

  /** The role of the replicas; the suite has one for itself. */
  static final String ROLE = "service";

  static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration TURN = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMinutes(6);
  private static final Path CLOCK_SHIFTER =
      Path.of(
          "/usr/lib/%s-linux-gnu/faketime/libfaketimeMT.so.1"
              .formatted(System.getProperty("os.arch").replace("amd64", "x86_64")));

  private final Path folder;
  private final BreakablePostgres postgres;
  private final EffectSink sink;
  private final List<Member> members = new ArrayList<>();
  private final Api api = new Api();
  private final Thread killer = new Thread(this::end);
  private volatile boolean closed;

  private Cluster(Path folder, BreakablePostgres postgres, EffectSink sink) {
    this.folder = folder;
    this.postgres = postgres;
    this.sink = sink;
  }

  /** Starts everything and waits until all replicas are ready, each with settings of its own. */
  static Cluster start(String name, List<Map<String, String>> replicas) throws IOException {
    return start(name, Path.of("target", "faults", name, "postgres"), replicas);
  }

  static Cluster start(String name, Path data, List<Map<String, String>> replicas)
      throws IOException {
    Path folder = Path.of("target", "faults", name);
    Files.createDirectories(folder);
    BreakablePostgres postgres =
        BreakablePostgres.start(data, Map.of("max_connections", "100", "shared_buffers", "64MB"));
    Cluster cluster = new Cluster(folder, postgres, EffectSink.open(folder.resolve("effects.log")));
    Runtime.getRuntime().addShutdownHook(cluster.killer);
    try {
      postgres.execute("postgres", "create role " + ROLE + " superuser login");
      postgres.execute("postgres", "create database " + DATABASE);
      for (Map<String, String> settings : replicas) {
        cluster.members.add(
            cluster
            .new Member(cluster.members.size(), DatabaseProxy.before(postgres.port()), settings));
      }
      Thread.ofPlatform().daemon().name("cluster").start(cluster::keep);
      cluster.awaitReady();
      Audit.install(postgres);
      cluster.execute(Fault.BREAKABLE_RECORDS);
      return cluster;
    } catch (RuntimeException | IOException failure) {
      cluster.close();
      throw failure;
    }
  }

  /** A place for a replica, whichever process fills it. */
  final class Member {
    private final int number;
    private final DatabaseProxy proxy;
    private final Map<String, String> settings;
    private volatile boolean held;
    private volatile boolean frozen;
    private int starts;
    private volatile Replica replica;

    Member(int number, DatabaseProxy proxy, Map<String, String> settings) throws IOException {
      this.number = number;
      this.proxy = proxy;
      this.settings = settings;
      this.replica = launch();
    }

    private Replica launch() throws IOException {
      Map<String, String> all = new HashMap<>();
      all.put(
          "QUARKUS_DATASOURCE_JDBC_URL",
          "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable&gssEncMode=disable&socketTimeout=8"
              .formatted(proxy.port(), DATABASE));
      all.put("QUARKUS_DATASOURCE_USERNAME", ROLE);
      all.put("QUARKUS_DATASOURCE_PASSWORD", "none");
      all.put("STEPWELL_ENGINE_LEASE", LEASE.toSeconds() + "s");
      all.put("STEPWELL_ENGINE_DRAIN_GRACE", "5s");
      all.put("STEPWELL_STREAM_HEARTBEAT", "1s");
      all.putAll(settings);
      return Replica.start(folder.resolve("replica-%d-%d.log".formatted(number, starts++)), all);
    }

    Replica replica() {
      return replica;
    }

    DatabaseProxy proxy() {
      return proxy;
    }

    /** Where it answers, if it does. */
    OptionalInt port() {
      return replica.alive() && !frozen ? replica.port() : OptionalInt.empty();
    }

    boolean ready() {
      return port().isPresent() && api.isReady(this);
    }

    void freeze() {
      frozen = true;
      replica.freeze();
    }

    void thaw() {
      replica.thaw();
      frozen = false;
    }

    /** Dies, and is not started again until it is let go. */
    void killAndHold() {
      held = true;
      replica.kill();
    }

    void letGo() {
      held = false;
    }

    @Override
    public String toString() {
      return "replica " + number;
    }
  }

  /** Settings of a replica whose clock is a day ahead; says so loudly when that cannot be. */
  static Map<String, String> dayAhead() {
    if (!Files.exists(CLOCK_SHIFTER)) {
      System.err.println(
          "[faults] SKIPPED, the clock of one replica a day off: libfaketime is not installed"
              + " (Debian: apt-get install faketime)");
      return Map.of();
    }
    // the monotonic clock has to stay as it is, or every timed wait of a JVM returns at once
    return Map.of(
        "LD_PRELOAD",
        CLOCK_SHIFTER.toString(),
        "FAKETIME",
        "+1d",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }

  private void keep() {
    while (!closed) {
      for (Member member : members) {
        if (!member.held && !member.replica.alive() && !closed) {
          try {
            member.replica = member.launch();
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        }
      }
      LockSupport.parkNanos(TURN.toNanos());
    }
  }

  /** Waits until all replicas are ready. */
  void awaitReady() {
    await("all replicas ready, see " + folder, () -> members.stream().allMatch(Member::ready));
  }

  static void await(String what, BooleanSupplier condition) {
    await(what, PATIENCE, condition);
  }

  static void await(String what, Duration patience, BooleanSupplier condition) {
    Instant deadline = Instant.now().plus(patience);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not within " + patience + ": " + what);
      }
      LockSupport.parkNanos(TURN.toNanos());
    }
  }

  List<Member> members() {
    return members;
  }

  Member any(Random random) {
    return members.get(random.nextInt(members.size()));
  }

  Api api() {
    return api;
  }

  EffectSink sink() {
    return sink;
  }

  BreakablePostgres postgres() {
    return postgres;
  }

  void execute(String sql) {
    postgres.execute(DATABASE, sql);
  }

  /** The number that a query gives. */
  long number(String sql) {
    try (Connection connection = postgres.connect(DATABASE);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  /** Waits until nothing is left to do. */
  void awaitIdle(Duration patience) {
    await(
        "every execution ends, see " + folder,
        patience,
        () -> number("select count(*) from execution where finished_at is null") == 0);
  }

  private void end() {
    closed = true;
    members.forEach(member -> member.replica.close());
    members.forEach(member -> member.proxy.close());
    postgres.close();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(killer);
    end();
    // one that was being started meanwhile
    members.forEach(member -> member.replica.close());
    sink.close();
    api.close();
  }
}
