package io.stepwell.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A primary and, where a test wants one, its synchronous standby, which takes its place when the
 * machine of the primary dies.
 */
public final class PostgresServers implements AutoCloseable {
  private final List<BreakablePostgres> all = new ArrayList<>();
  private volatile BreakablePostgres primary;

  private PostgresServers(BreakablePostgres primary) {
    this.primary = primary;
    all.add(primary);
  }

  /** A primary alone, made anew in the folder. */
  public static PostgresServers alone(Path folder, Map<String, String> settings)
      throws IOException {
    return new PostgresServers(BreakablePostgres.start(folder, settings));
  }

  /** A primary with a standby for which every commit waits, both made anew in the folder. */
  public static PostgresServers pair(Path folder, Map<String, String> settings) throws IOException {
    PostgresServers servers = alone(folder.resolve("first"), settings);
    try {
      servers.all.add(servers.primary.standby(folder.resolve("second")));
      servers.primary.waitForStandby();
      return servers;
    } catch (IOException | SQLException | RuntimeException failure) {
      servers.close();
      throw new IllegalStateException("no standby in " + folder, failure);
    }
  }

  /** The one that takes writes, or took them last. */
  public BreakablePostgres primary() {
    return primary;
  }

  public boolean hasStandby() {
    return all.size() > 1;
  }

  /** Of all of them, whichever is the primary. */
  public List<Integer> ports() {
    return all.stream().map(BreakablePostgres::port).toList();
  }

  /** Where a client finds the primary, which is behind one of these ports of this machine. */
  public static String jdbcUrl(List<Integer> ports, String database, String... parameters) {
    List<String> all = new ArrayList<>(List.of(parameters));
    if (ports.size() > 1) {
      all.addAll(List.of("targetServerType=primary", "hostRecheckSeconds=1", "connectTimeout=2"));
    }
    String hosts = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    return "jdbc:postgresql://%s/%s?%s".formatted(hosts, database, String.join("&", all));
  }

  /** The machine of the primary dies, when the standby has what the primary had till now. */
  public void killPrimary() throws IOException, SQLException {
    primary.awaitStandby();
    primary.kill();
  }

  /** Makes the standby the primary; no commit waits for another one by then. */
  public void promote() {
    BreakablePostgres standby = standby();
    standby.promote();
    primary = standby;
  }

  /** Makes what was the primary before a standby of the one that is now, and has commits wait. */
  public void pairAgain() throws IOException, SQLException {
    standby().follow(primary);
    primary.waitForStandby();
  }

  private BreakablePostgres standby() {
    return all.stream().filter(server -> server != primary).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    all.forEach(BreakablePostgres::close);
  }
}
