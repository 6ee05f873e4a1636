package io.stepwell.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.durability.EventStream;
import io.stepwell.durability.Replica;
import io.stepwell.faults.Cluster.Member;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** The HTTP API as an impatient client uses it: a replica that does not answer soon does not. */
final class Api implements AutoCloseable {
  static final String WORKSPACE = "/api/workspaces/faults";
  static final String WORKFLOWS = WORKSPACE + "/workflows";
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private final HttpClient http = client();

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(PATIENCE)
        .build();
  }

  /** An answer; its body is null in JSON where there is none. */
  record Answer(int status, JsonNode body) {}

  static String executionPath(String id) {
    return WORKFLOWS + "/executions/" + id;
  }

  boolean isReady(Member member) {
    return send(member, "GET", "/q/health/ready", "").filter(a -> a.status() == 200).isPresent();
  }

  Optional<Answer> get(Member member, String path) {
    return send(member, "GET", path, "");
  }

  Optional<Answer> post(Member member, String path, ObjectNode body, String... headers) {
    return send(member, "POST", path, Json.write(body), headers);
  }

  /** What a replica answers; empty when it does not, and nobody knows what it did. */
  Optional<Answer> send(Member member, String method, String path, String body, String... headers) {
    if (member.port().isEmpty()) {
      return Optional.empty();
    }
    HttpRequest.Builder request =
        request(member, path)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      boolean json = answer.headers().firstValue("Content-Type").orElse("").contains("json");
      return Optional.of(
          new Answer(
              answer.statusCode(),
              json ? Json.read(answer.body()) : Json.object().put("text", answer.body())));
    } catch (IOException unanswered) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static HttpRequest.Builder request(Member member, String path) {
    int port = member.port().orElse(1);
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("Authorization", "Bearer " + Replica.ADMIN_KEY);
  }

  /** A stream with a connection of its own, to be broken off at will. */
  record Watching(EventStream events, HttpClient connection) implements AutoCloseable {
    @Override
    public void close() {
      connection.shutdownNow();
    }
  }

  /** Opens the stream of an execution after the event that the client has seen last. */
  Watching watch(Member member, String id, String lastEventId) {
    HttpRequest.Builder request = request(member, executionPath(id) + "/stream");
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpClient own = client();
    return new Watching(EventStream.open(own, request.build()), own);
  }

  /** How many executions run on a replica; 0 when it does not answer. */
  double running(Member member) {
    return metric(member, "stepwell_engine_running").orElse(0.0);
  }

  /** The sum of a metric over its labels; empty when the replica does not answer. */
  Optional<Double> metric(Member member, String name) {
    return get(member, "/q/metrics")
        .filter(answer -> answer.status() == 200)
        .map(answer ->
            answer
                .body()
                .path("text")
                .asText()
                .lines()
                .filter(line -> line.matches(name + "(\\{.*})? .*"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
