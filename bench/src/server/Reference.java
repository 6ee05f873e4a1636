package server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What bare SQL reaches on the same server: pgbench with prepared statements. The tables have what
 * a durable engine cannot do without, the primary keys and an index of what is unfinished, and as
 * many bytes a row as ours.
 */
public final class Reference {
  private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+)");

  private static final String TABLES =
      """
      create table reference_execution (
        id bigint primary key, status text not null, trigger_data json not null,
        created_at timestamptz not null, finished_at timestamptz);
      create index on reference_execution (created_at) where finished_at is null;
      create table reference_step (
        execution_id bigint, path text, status text not null, output json, started_at timestamptz,
        finished_at timestamptz, primary key (execution_id, path));
      """;

  private static final String DROP = "drop table if exists reference_execution, reference_step";

  private static final String EXECUTION =
      "insert into reference_execution values (:id, 'PENDING', '{\"amount\": 42}', now(), null);\n";
  private static final String STEP =
      "insert into reference_step values (:id, '%d', 'COMPLETED', '{\"result\": true}', now(), now());\n";
  private static final String FINISH =
      "update reference_execution set status = 'COMPLETED', finished_at = now() where id = :id;\n";

  private static final String HUNDRED =
      """
      begin;
      insert into reference_execution
        select :id::bigint + n, 'PENDING', '{"amount": 42}', now(), null from generate_series(1, 100) n;
      insert into reference_step
        select :id::bigint + n, step::text, 'COMPLETED', '{"result": true}', now(), now()
        from generate_series(1, 100) n, generate_series(1, 5) step;
      update reference_execution set status = 'COMPLETED', finished_at = now()
        where id between :id::bigint + 1 and :id::bigint + 100;
      commit;
      """;

  private final Path pgbench;
  private final Stage stage;

  private Reference(Path pgbench, Stage stage) {
    this.pgbench = pgbench;
    this.stage = stage;
  }

  /** Empty where there is no pgbench. */
  public static Optional<Reference> on(Stage stage) {
    return stage.postgres().pgbench().map(pgbench -> new Reference(pgbench, stage));
  }

  /** Commits a second: one small insert each. */
  public double insertsPerSecond(int clients, double seconds) throws Exception {
    return run("insert", random() + EXECUTION, clients, seconds);
  }

  /**
   * Executions a second of an engine that commits each of an execution's seven writes: it inserts
   * the execution, then its five steps, and updates the execution at the end.
   */
  public double sevenWritesPerSecond(int clients, double seconds) throws Exception {
    StringBuilder script = new StringBuilder(random()).append(EXECUTION);
    for (int step = 0; step < 5; step++) {
      script.append(STEP.formatted(step));
    }
    return run("seven-writes", script.append(FINISH).toString(), clients, seconds);
  }

  /** Executions a second when a hundred of them share a commit. */
  public double hundredToACommitPerSecond(int clients, double seconds) throws Exception {
    return 100 * run("hundred", random() + HUNDRED, clients, seconds);
  }

  private static String random() {
    // far enough apart that a hundred fit between two
    return "\\set id random(1, 9000000000000000) * 1000\n";
  }

  private double run(String name, String script, int clients, double seconds)
      throws IOException, InterruptedException, SQLException {
    stage.database().execute(DROP);
    stage.database().execute(TABLES);
    stage.database().execute("checkpoint");
    Path file = Path.of("target/bench/reference-" + name + ".sql");
    Path output = Path.of("target/bench/reference-" + name + ".log");
    Files.writeString(file, script);
    List<String> command =
        List.of(
            pgbench.toString(),
            "-n",
            "-M",
            "prepared",
            "-f",
            file.toString(),
            "-c",
            Integer.toString(clients),
            "-j",
            "2",
            "-T",
            Long.toString(Math.max(2, Math.round(seconds))),
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(stage.postgres().port()),
            "-U",
            "postgres",
            stage.databaseName());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor((long) seconds + 60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    stage.database().execute(DROP);
    Matcher rate = RATE.matcher(Files.readString(output));
    if (!rate.find()) {
      throw new IllegalStateException("pgbench failed, see " + output);
    }
    return Double.parseDouble(rate.group(1));
  }
}
