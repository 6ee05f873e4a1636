package io.stepwell.durability;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.PackagedService;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process of the packaged application, and the signals and requests that a test sends to it. */
public final class Replica implements AutoCloseable {
  public static final String ADMIN_KEY = "durability-admin-key-0123456789";

  /** So that several fit beside each other on a small machine. */
  static final String[] JVM_OPTIONS = {"-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"};

  private static final Pattern LISTENING = Pattern.compile("Listening on: http://\\S+:(\\d+)");
  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration ANSWER = Duration.ofMinutes(1);

  private final Process process;
  private final Path log;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private volatile int port;

  private Replica(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** An answer of the API; its body is missing where there is none. */
  record Answer(int status, HttpHeaders headers, JsonNode body) {
    /** The body, when the status is this one. */
    JsonNode expect(int expected) {
      if (status != expected) {
        throw new AssertionError("expected " + expected + ", got " + status + ": " + body);
      }
      return body;
    }
  }

  /** Starts a process; it is not ready yet. */
  public static Replica start(Path log, Map<String, String> settings) throws IOException {
    return start(log, settings, command());
  }

  /** The command that starts one of this release. */
  public static List<String> command() {
    return PackagedService.command(JVM_OPTIONS);
  }

  /** Starts a process of whatever the command starts; it is not ready yet. */
  public static Replica start(Path log, Map<String, String> settings, List<String> command)
      throws IOException {
    Files.createDirectories(log.toAbsolutePath().getParent());
    ProcessBuilder builder = new ProcessBuilder(command);
    // nothing of the build's own settings reaches it
    builder.environment().keySet().removeIf(name -> name.matches("(QUARKUS|STEPWELL|MAVEN)_.*"));
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", "0");
    builder.environment().put("STEPWELL_BOOTSTRAP_ADMIN_KEY", ADMIN_KEY);
    builder.environment().put("STEPWELL_OUTBOUND_ALLOW", "127.0.0.0/8");
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new Replica(builder.start(), log);
  }

  public Replica awaitReady() {
    await("start, see " + log)
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .failFast("it has ended, see " + log, () -> !process.isAlive())
        .until(this::ready);
    return this;
  }

  private boolean ready() {
    return port().isPresent() && send("GET", "/q/health/ready", "").status() == 200;
  }

  /** Where it listens, once it does. */
  public OptionalInt port() {
    if (port == 0) {
      try {
        Matcher listening = LISTENING.matcher(Files.readString(log));
        if (!listening.find()) {
          return OptionalInt.empty();
        }
        port = Integer.parseInt(listening.group(1));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return OptionalInt.of(port);
  }

  public long pid() {
    return process.pid();
  }

  /** Ends it as a crash does. */
  public Instant kill() {
    process.destroyForcibly();
    Instant killed = Instant.now();
    awaitExit(Duration.ofSeconds(30));
    return killed;
  }

  /** Asks it to end in order. */
  public Instant terminate() {
    process.destroy();
    return Instant.now();
  }

  public void awaitExit(Duration atMost) {
    await("exit, see " + log).atMost(atMost).until(() -> !process.isAlive());
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Stops its threads, as a long pause does; its connections stay. */
  public void freeze() {
    Signal.STOP.send(process);
  }

  public void thaw() {
    Signal.CONT.send(process);
  }

  Answer get(String path) {
    return send("GET", path, "");
  }

  Answer post(String path, ObjectNode body, String... headers) {
    return send("POST", path, Json.write(body), headers);
  }

  Answer put(String path, ObjectNode body) {
    return send("PUT", path, Json.write(body));
  }

  Answer patch(String path, ObjectNode body) {
    return send("PATCH", path, Json.write(body));
  }

  Answer delete(String path) {
    return send("DELETE", path, "");
  }

  private Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .timeout(ANSWER)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      boolean json = answer.headers().firstValue("Content-Type").orElse("").contains("json");
      return new Answer(
          answer.statusCode(),
          answer.headers(),
          json ? Json.read(answer.body()) : Json.object().put("text", answer.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Opens a stream of Server-Sent Events. */
  EventStream stream(String path) {
    return EventStream.open(http, request(path).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Authorization", "Bearer " + ADMIN_KEY);
  }

  /** The value of a metric without labels, 0 where it is missing. */
  double metric(String name) {
    String metrics = get("/q/metrics").body().path("text").asText();
    List<String> values =
        metrics.lines().filter(line -> line.matches(name + "(\\{.*})? .*")).toList();
    return values.stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    http.shutdownNow();
  }
}
