package io.stepwell.faults;

import io.stepwell.durability.EffectSink;
import io.stepwell.durability.PgBouncer;
import io.stepwell.durability.Replica;
import io.stepwell.launch.BreakablePostgres;
import io.stepwell.launch.PostgresServers;
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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The service as an operator runs it: replicas, a PostgreSQL of their own, with a standby and
 * behind a pooler where a run is to have them, a proxy before it for each, and what their steps
 * reach outside. A replica that dies is started again, unless it is held. However a test ends, no
 * process outlives it.
 */
final class Cluster implements AutoCloseable {
  static final String DATABASE = "stepwell";

  /** The role of the replicas; the suite has one for itself. */
  static final String ROLE = "service";

  static final Duration LEASE = Duration.ofSeconds(3);

  /** Far less than the connections of the replicas, and enough for one that holds some of them. */
  private static final int POOLED_SESSIONS = 16;

  private static final Duration TURN = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMinutes(6);
  private static final Map<String, String> DATABASE_SETTINGS =
      Map.of("max_connections", "100", "shared_buffers", "64MB");

  private final Path folder;
  private final PostgresServers servers;
  private final EffectSink sink;
  private final List<Member> members = new ArrayList<>();
  private final Api api = new Api();
  private final Thread killer = new Thread(this::end);
  private Optional<PgBouncer> pooler = Optional.empty();
  private volatile boolean closed;

  private Cluster(Path folder, PostgresServers servers, EffectSink sink) {
    this.folder = folder;
    this.servers = servers;
    this.sink = sink;
  }

  /** Starts everything, one database alone, and waits until all replicas are ready. */
  static Cluster start(String name, List<Seat> seats) throws IOException {
    return start(name, folder(name).resolve("postgres"), seats);
  }

  /** The same with the folder of the database elsewhere. */
  static Cluster start(String name, Path data, List<Seat> seats) throws IOException {
    return start(name, PostgresServers.alone(data, DATABASE_SETTINGS), seats);
  }

  /** The same with a database that has a standby. */
  static Cluster startWithStandby(String name, List<Seat> seats) throws IOException {
    Path data = folder(name).resolve("postgres");
    return start(name, PostgresServers.pair(data, DATABASE_SETTINGS), seats);
  }

  private static Path folder(String name) {
    return Path.of("target", "faults", name);
  }

  private static Cluster start(String name, PostgresServers servers, List<Seat> seats)
      throws IOException {
    Path folder = folder(name);
    Files.createDirectories(folder);
    Cluster cluster = new Cluster(folder, servers, EffectSink.open(folder.resolve("effects.log")));
    Runtime.getRuntime().addShutdownHook(cluster.killer);
    try {
      cluster.postgres().execute("postgres", "create role " + ROLE + " superuser login");
      cluster.postgres().execute("postgres", "create database " + DATABASE);
      if (seats.stream().anyMatch(Seat::pooled)) {
        cluster.pooler = Optional.of(cluster.startPooler());
      }
      for (Seat seat : seats) {
        cluster.members.add(cluster.new Member(cluster.members.size(), seat));
      }
      Thread.ofPlatform().daemon().name("cluster").start(cluster::keep);
      cluster.awaitReady();
      Audit.install(cluster.postgres());
      cluster.execute(Fault.BREAKABLE_RECORDS);
      return cluster;
    } catch (RuntimeException | IOException failure) {
      cluster.close();
      throw failure;
    }
  }

  private PgBouncer startPooler() throws IOException {
    return PgBouncer.start(
        folder.resolve("pgbouncer"), POOLED_SESSIONS, primaryUrl(), Map.of(ROLE, ""));
  }

  private String primaryUrl() {
    return PostgresServers.jdbcUrl(List.of(postgres().port()), DATABASE);
  }

  /** A place for a replica, whichever process fills it. */
  final class Member {
    private final int number;
    private final DatabaseProxy proxy;
    private final String jdbcUrl;
    private final Seat seat;
    private volatile boolean held;
    private volatile boolean frozen;
    private int starts;
    private volatile Replica replica;

    Member(int number, Seat seat) throws IOException {
      this.number = number;
      this.seat = seat;
      this.proxy =
          DatabaseProxy.before(
              seat.pooled() ? List.of(pooler.orElseThrow().port()) : servers.ports());
      this.jdbcUrl =
          PostgresServers.jdbcUrl(
              proxy.ports(),
              seat.pooled() ? PgBouncer.DATABASE : DATABASE,
              "sslmode=disable",
              "gssEncMode=disable",
              "socketTimeout=8");
      this.replica = launch();
    }

    private Replica launch() throws IOException {
      Map<String, String> all = new HashMap<>();
      all.put("QUARKUS_DATASOURCE_JDBC_URL", jdbcUrl);
      all.put("QUARKUS_DATASOURCE_USERNAME", ROLE);
      all.put("QUARKUS_DATASOURCE_PASSWORD", "none");
      all.put("STEPWELL_ENGINE_LEASE", LEASE.toSeconds() + "s");
      all.put("STEPWELL_ENGINE_DRAIN_GRACE", "5s");
      all.put("STEPWELL_STREAM_HEARTBEAT", "1s");
      all.putAll(seat.settings());
      Path log = folder.resolve("replica-%d-%d.log".formatted(number, starts++));
      return Replica.start(log, all, seat.command());
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

  /** The primary, whichever server is it at the moment. */
  BreakablePostgres postgres() {
    return servers.primary();
  }

  PostgresServers servers() {
    return servers;
  }

  /** What stands before the database for some of the replicas. */
  Optional<PgBouncer> pooler() {
    return pooler;
  }

  /**
   * The standby takes over, the pooler goes to it, and what was the primary becomes its standby.
   */
  void failOver() throws IOException, SQLException {
    servers.promote();
    if (pooler.isPresent()) {
      pooler.get().follow(primaryUrl());
    }
    servers.pairAgain();
  }

  void execute(String sql) {
    postgres().execute(DATABASE, sql);
  }

  /** The number that a query gives. */
  long number(String sql) {
    try (Connection connection = postgres().connect(DATABASE);
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
    pooler.ifPresent(PgBouncer::close);
    servers.close();
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
