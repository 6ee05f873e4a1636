import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One process of the service, watched from outside. Linux only: it reads {@code /proc}. */
final class Service implements AutoCloseable {
  static final String ADMIN_KEY = "cold-start-administrator-0123456789";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Process process;
  private final Path log;
  private final int port;
  private final long began;

  private Service(Process process, Path log, int port, long began) {
    this.process = process;
    this.log = log;
    this.port = port;
    this.began = began;
  }

  record Answer(int status, String body) {
    /** The value of a member that is a string; the answers here need no more of JSON. */
    String text(String member) {
      String start = "\"" + member + "\":\"";
      int from = body.indexOf(start);
      if (from < 0) {
        throw new IllegalStateException("no " + member + " in " + body);
      }
      return body.substring(from + start.length(), body.indexOf('"', from + start.length()));
    }
  }

  /** Starts a process of this command on a port of its own. */
  static Service start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    int port = freePort();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("(QUARKUS|STEPWELL|MAVEN|JAVA|JDK)_.*"));
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().put("STEPWELL_BOOTSTRAP_ADMIN_KEY", ADMIN_KEY);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    long began = System.nanoTime();
    return new Service(builder.start(), log, port, began);
  }

  /** Sends a request that is repeated until the service accepts it, and says how long that took. */
  Duration untilFirst202(String path, String key) throws IOException {
    byte[] request =
        """
        POST %s HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        Authorization: Bearer %s\r
        Content-Type: application/json\r
        Content-Length: 2\r
        Connection: close\r
        \r
        {}"""
            .formatted(path, port, key)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] answer = new byte[512];
    while (true) {
      requireAlive();
      try (Socket socket = new Socket()) {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        socket.getOutputStream().write(request);
        int length = Math.max(0, socket.getInputStream().read(answer));
        String head = new String(answer, 0, length, StandardCharsets.US_ASCII);
        if (head.startsWith("HTTP/1.1 202 ")) {
          return Duration.ofNanos(System.nanoTime() - began);
        }
        if (length > 0 && !head.startsWith("HTTP/1.1 503 ")) {
          throw new IllegalStateException("execute was answered with " + head);
        }
      } catch (java.net.ConnectException notYet) {
        // the port is not open
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  Service awaitReady() throws IOException {
    while (true) {
      requireAlive();
      try {
        if (get("/q/health/ready").status() == 200) {
          return this;
        }
      } catch (UncheckedIOException notYet) {
        // the port is not open
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("the service has ended:\n" + Files.readString(log));
    }
    if (System.nanoTime() - began > PATIENCE.toNanos()) {
      throw new IllegalStateException("the service does not start:\n" + Files.readString(log));
    }
  }

  Answer get(String path) {
    return send("GET", path, "");
  }

  Answer post(String path, String json) {
    return send("POST", path, json);
  }

  /** The same, where anything else than this status is the end. */
  Answer post(String path, String json, int status) {
    Answer answer = post(path, json);
    if (answer.status() != status) {
      throw new IllegalStateException(path + " was answered with " + answer);
    }
    return answer;
  }

  private Answer send(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + ADMIN_KEY)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** Processor time so far, all threads. */
  Duration cpu() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    // the name before may hold spaces; utime and stime are the 12th and 13th after it, in 1/100 s
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
  }

  /** Resident memory, in MiB. */
  double residentMiB() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
        .findFirst()
        .orElseThrow();
  }

  /** Asks it to end and waits until it has. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("the service does not end, see " + log);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
