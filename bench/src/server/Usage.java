package server;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.List;

/**
 * What has been used up to a moment; the difference of two is what happened between them.
 *
 * @param commits transactions that wrote, by their ids: exact at once, unlike the counters of
 *     {@code pg_stat_database}, which a backend hands over up to ten seconds late
 * @param queries statements but for begin, commit and the benchmark's own; 0 without {@code
 *     pg_stat_statements}
 */
public record Usage(
    double seconds,
    double serviceCpu,
    double databaseCpu,
    double clientCpu,
    double commits,
    double queries,
    double walBytes) {

  private static final String COMMITS_AND_WAL =
      """
      select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
        pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
      """;

  private static final String QUERIES =
      """
      select coalesce(sum(calls), 0)
      from pg_stat_statements s
      join pg_database d on d.oid = s.dbid and d.datname = current_database()
      where query !~* '^(begin|commit|rollback|start transaction)|pg_stat_|pg_snapshot_|checkpoint'
      """;

  static Usage now(Postgres postgres, List<Service> services, Database database)
      throws SQLException {
    double[] counters = database.numbers(COMMITS_AND_WAL);
    double queries = database.countsStatements() ? database.numbers(QUERIES)[0] : 0;
    double serviceCpu = 0;
    for (Service service : services) {
      serviceCpu += ProcessUsage.cpuSecondsOfTree(service.pid());
    }
    var client = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Usage(
        System.nanoTime() / 1e9,
        serviceCpu,
        ProcessUsage.cpuSecondsOfTree(postgres.pid()),
        client.getProcessCpuTime() / 1e9,
        counters[0],
        queries,
        counters[1]);
  }

  /** What has been used since then. */
  public Usage since(Usage then) {
    return new Usage(
        seconds - then.seconds,
        serviceCpu - then.serviceCpu,
        databaseCpu - then.databaseCpu,
        clientCpu - then.clientCpu,
        commits - then.commits,
        queries - then.queries,
        walBytes - then.walBytes);
  }
}
