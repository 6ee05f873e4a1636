package io.stepwell.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What the API prints, without what differs from time to time. */
final class Printed {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  private static final Set<String> UNSTEADY =
      Set.of("startedAt", "finishedAt", "queuedMs", "durationMs", "runningSteps");
  private static final Set<String> UNFINISHED = Set.of("PENDING", "RUNNING");

  private Printed() {}

  /** An event of a stream. */
  record Event(String name, String part, JsonNode data) {
    boolean isStepThatRuns() {
      return name.equals("step") && !data.path("status").textValue().equals("COMPLETED");
    }
  }

  /** Reads events and masks what they say. */
  static List<Event> events(String stream) {
    List<Event> events = new ArrayList<>();
    for (String block : stream.strip().split("\n\n", -1)) {
      String name = field(block, "event");
      if (!name.isEmpty()) {
        String part = field(block, "id").replaceFirst("^\\d+", "");
        events.add(new Event(name, part, masked(Json.read(field(block, "data")))));
      }
    }
    return events;
  }

  /** What stands in the stream before its first event. */
  static String preamble(String stream) {
    return stream.strip().split("\n\n", -1)[0];
  }

  private static String field(String block, String name) {
    return block
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  /**
   * The same JSON with marks in place of ids, times and durations, and of what depends on whether
   * the engine was faster than the answer.
   */
  static JsonNode masked(JsonNode json) {
    if (json instanceof ObjectNode object) {
      ObjectNode masked = Json.object();
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        masked.set(
            member.getKey(),
            UNSTEADY.contains(member.getKey())
                ? TextNode.valueOf("<unsteady>")
                : masked(member.getValue()));
      }
      return masked;
    }
    if (json.isArray()) {
      ArrayNode masked = Json.array();
      json.forEach(element -> masked.add(masked(element)));
      return masked;
    }
    return json.isTextual() ? TextNode.valueOf(masked(json.textValue())) : json;
  }

  private static String masked(String text) {
    if (UNFINISHED.contains(text)) {
      return "<not finished>";
    }
    return TIME.matcher(UUID.matcher(text).replaceAll("<id>")).replaceAll("<time>");
  }
}
