package server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import load.HttpConnection;

/** One replica of the packaged application, as a process of its own. */
public final class Service implements AutoCloseable {
  /** The instance administrator's key of every replica. */
  public static final String ADMIN_KEY = "benchmark-administrator-key";

  private static final long START_SECONDS = 180;
  private static final long STOP_SECONDS = 45;

  private final Process process;
  private final int port;
  private final double startSeconds;

  private Service(Process process, int port, double startSeconds) {
    this.process = process;
    this.port = port;
    this.startSeconds = startSeconds;
  }

  /**
   * How to run it.
   *
   * @param command what starts the application
   * @param environment what is set beside what the benchmark needs
   */
  public record Launch(List<String> command, Map<String, String> environment) {}

  /** Starts a replica and returns once it is ready. */
  public static Service start(Launch launch, String jdbcUrl, Path log)
      throws IOException, InterruptedException {
    int port = Postgres.freePort();
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(launch.command()));
    Map<String, String> environment = builder.environment();
    environment.put("QUARKUS_DATASOURCE_JDBC_URL", jdbcUrl);
    environment.put("QUARKUS_DATASOURCE_USERNAME", "postgres");
    environment.put("QUARKUS_DATASOURCE_PASSWORD", "none-needed");
    // as an operator with many tenants has it
    environment.put("STEPWELL_DATABASE_API_USERNAME", Postgres.ROLE_OF_REQUESTS);
    environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    environment.put("STEPWELL_BOOTSTRAP_ADMIN_KEY", ADMIN_KEY);
    environment.put("STEPWELL_OUTBOUND_ALLOW", "127.0.0.0/8");
    // the limiter is not what is measured
    environment.put("STEPWELL_LIMITS_EXECUTIONS_PER_SECOND", "1000000");
    environment.put("STEPWELL_LIMITS_EXECUTIONS_BURST", "10000000");
    environment.putAll(launch.environment());
    Files.createDirectories(log.getParent());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    long began = System.nanoTime();
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    while (!isReady(port)) {
      double seconds = (System.nanoTime() - began) / 1e9;
      if (!process.isAlive() || seconds > START_SECONDS) {
        process.destroyForcibly();
        throw new IllegalStateException("the service did not start, see " + log);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return new Service(process, port, (System.nanoTime() - began) / 1e9);
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public double startSeconds() {
    return startSeconds;
  }

  private static boolean isReady(int port) {
    try (HttpConnection connection = HttpConnection.open(port)) {
      return connection.exchange(HttpConnection.get("/q/health/ready", "")).status() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
