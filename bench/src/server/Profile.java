package server;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Collects what limits while a scenario plays: a flight recording of the first replica, processor
 * time by thread, statements, and what the service's database sessions wait for.
 */
public final class Profile {
  private static final long SAMPLE_MS = 20;
  private static final int SHOWN = 15;

  private static final String SESSIONS =
      """
      select state || ': ' || coalesce(wait_event_type || ' ' || wait_event, 'running')
      from pg_stat_activity
      where datname = current_database() and application_name = 'stepwell' and state <> 'idle'
      """;

  private static final String STATEMENTS =
      """
      select round(total_exec_time) || ' ms, ' || calls || ' calls, ' || rows || ' rows, '
        || round(wal_bytes / 1024) || ' KiB WAL: ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 150)
      from pg_stat_statements s
      join pg_database d on d.oid = s.dbid and d.datname = current_database()
      where query !~* 'reference_|pg_stat_|pg_snapshot'
      order by total_exec_time desc
      limit 15
      """;

  private final Stage stage;
  private final long pid;
  private final Path recording;
  private final Map<String, Double> threadsBefore;
  private final Map<String, Long> waits = new TreeMap<>();
  private final Thread sampler;

  private Profile(Stage stage) {
    this.stage = stage;
    this.pid = stage.services().getFirst().pid();
    this.recording = Path.of("target/bench/" + stage.databaseName() + ".jfr").toAbsolutePath();
    this.threadsBefore = ProcessUsage.cpuSecondsByThread(pid);
    this.sampler = new Thread(this::sample, "wait-events");
  }

  static Profile begin(Stage stage) throws IOException, InterruptedException, SQLException {
    Profile profile = new Profile(stage);
    if (stage.database().countsStatements()) {
      stage.database().text("select pg_stat_statements_reset()");
    }
    Jvm.command(
        profile.pid,
        "JFR.start",
        "name=bench",
        "settings=profile",
        "jdk.CPUTimeSample#enabled=true");
    profile.sampler.setDaemon(true);
    profile.sampler.start();
    return profile;
  }

  /** Ends the collection and prints its top lists. */
  void print(PrintStream out) throws Exception {
    sampler.interrupt();
    sampler.join();
    Jvm.command(pid, "JFR.stop", "name=bench", "filename=" + recording);

    Map<String, Double> threads = ProcessUsage.cpuSecondsByThread(pid);
    threads.replaceAll((name, seconds) -> seconds - threadsBefore.getOrDefault(name, 0.0));
    top(out, "Processor seconds of the service by thread", threads);
    Map<String, Double> samples = new TreeMap<>();
    waits.forEach((what, count) -> samples.put(what, (double) count));
    top(out, "Samples of the service's database sessions", samples);
    if (stage.database().countsStatements()) {
      out.println("Statements by time");
      try (Statement statement = stage.database().connection().createStatement();
          ResultSet rows = statement.executeQuery(STATEMENTS)) {
        while (rows.next()) {
          out.println("  " + rows.getString(1));
        }
      }
      out.println();
    }
    if (recording.toFile().exists()) {
      Recording.read(recording).print(out);
    }
  }

  static void top(PrintStream out, String title, Map<String, Double> amounts) {
    double sum = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
    out.println(title);
    amounts.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .filter(entry -> entry.getValue() > 0)
        .forEach(entry ->
            out.printf(
                "  %5.1f %%  %,12.2f  %s%n",
                100 * entry.getValue() / sum, entry.getValue(), entry.getKey()));
    out.println();
  }

  private void sample() {
    try (Connection connection =
            DriverManager.getConnection(
                stage.postgres().url(stage.databaseName()) + "?ApplicationName=benchmark",
                "postgres",
                "");
        Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet rows = statement.executeQuery(SESSIONS)) {
          while (rows.next()) {
            waits.merge(rows.getString(1), 1L, Long::sum);
          }
        }
        TimeUnit.MILLISECONDS.sleep(SAMPLE_MS);
      }
    } catch (InterruptedException end) {
      // asked to end
    } catch (SQLException failure) {
      System.err.println("bench: no more wait events: " + failure.getMessage());
    }
  }
}
