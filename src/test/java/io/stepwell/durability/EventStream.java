package io.stepwell.durability;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** What a client of a stream has received so far. */
public final class EventStream {
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<String> block = new ArrayList<>();
  private volatile boolean closed;

  private EventStream() {}

  /** An event; comments and {@code retry:} are none. */
  public record Event(String name, String id, JsonNode data, Instant at) {
    /** Step name, status and attempts in one word, such as {@code first RUNNING 1}. */
    public String step() {
      return "%s %s %d"
          .formatted(
              data.path("name").asText(),
              data.path("status").asText(),
              data.path("attempts").asInt());
    }

    /** Whether it tells of the end of a step. */
    public boolean ended() {
      return data.path("finishedAt").isTextual();
    }

    /** From the end of the step to its arrival here; both are times of this machine. */
    Duration latency() {
      return Duration.between(Instant.parse(data.path("finishedAt").asText()), at);
    }
  }

  public static EventStream open(HttpClient http, HttpRequest request) {
    EventStream stream = new EventStream();
    Thread.ofVirtual().name("stream").start(() -> stream.receive(http, request));
    return stream;
  }

  private void receive(HttpClient http, HttpRequest request) {
    try (Stream<String> lines = http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      lines.forEach(this::line);
    } catch (IOException | UncheckedIOException brokenOff) {
      // the replica died: what came before counts
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed = true;
    }
  }

  private void line(String line) {
    if (!line.isEmpty()) {
      block.add(line);
      return;
    }
    String name = field("event:");
    if (!name.isEmpty()) {
      events.add(new Event(name, field("id:"), Json.read(field("data:")), Instant.now()));
    }
    block.clear();
  }

  private String field(String name) {
    return block.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElse("");
  }

  public List<Event> events() {
    return List.copyOf(events);
  }

  List<Event> named(String name) {
    return events.stream().filter(event -> event.name().equals(name)).toList();
  }

  List<String> names() {
    return events.stream().map(Event::name).toList();
  }

  public boolean closed() {
    return closed;
  }
}
