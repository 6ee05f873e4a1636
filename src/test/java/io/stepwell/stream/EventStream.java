package io.stepwell.stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.TestExecution;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of streams, as a browser's {@code EventSource} is one. */
final class EventStream implements AutoCloseable {
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final URI base;

  EventStream(URI base) {
    this.base = base;
  }

  /** What one block of the stream says; a comment has no name. */
  record Event(String name, String id, JsonNode data, String comment, Map<String, String> fields) {
    String status() {
      return data.path("status").textValue();
    }
  }

  /** An open stream; reading it waits for the server. */
  static final class Open implements AutoCloseable {
    private final HttpResponse<Stream<String>> response;
    private final Iterator<String> lines;

    Open(HttpResponse<Stream<String>> response) {
      this.response = response;
      this.lines = response.body().iterator();
    }

    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /** The next block, {@code null} at the end. */
    @Nullable Event next() {
      Map<String, String> fields = new HashMap<>();
      while (lines.hasNext()) {
        String line = lines.next();
        if (line.isEmpty()) {
          return event(fields);
        }
        int colon = line.indexOf(':');
        String value = line.substring(colon + 1);
        fields.merge(
            line.substring(0, colon),
            value.startsWith(" ") ? value.substring(1) : value,
            (first, second) -> first + "\n" + second);
      }
      return null;
    }

    private static Event event(Map<String, String> fields) {
      String data = fields.get("data");
      return new Event(
          fields.getOrDefault("event", ""),
          fields.getOrDefault("id", ""),
          data == null ? Json.object() : Json.read(data),
          fields.getOrDefault("", ""),
          fields);
    }

    /** The next event of this name; those before it are skipped. */
    Event await(String name) {
      Event event = next();
      while (event != null && !event.name().equals(name)) {
        event = next();
      }
      if (event == null) {
        throw new AssertionError("the stream ended without " + name);
      }
      return event;
    }

    /** Every event until the server closes the stream, without comments. */
    List<Event> rest() {
      List<Event> events = new ArrayList<>();
      for (Event event = next(); event != null; event = next()) {
        if (!event.name().isEmpty()) {
          events.add(event);
        }
      }
      return events;
    }

    @Override
    public void close() {
      response.body().close();
    }
  }

  /** Opens a stream with a viewer's key. */
  Open open(TestExecution execution, @Nullable String lastEventId) {
    HttpRequest.Builder request =
        request(execution.path("/stream"))
            .header("Authorization", "Bearer " + execution.workspace().key("viewer"));
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return send(request);
  }

  Open open(TestExecution execution) {
    return open(execution, null);
  }

  /** Opens a stream without a key. */
  Open open(String path) {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .header("Accept", "text/event-stream")
        .timeout(Duration.ofSeconds(30));
  }

  private Open send(HttpRequest.Builder request) {
    try {
      return new Open(client.send(request.build(), HttpResponse.BodyHandlers.ofLines()));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
