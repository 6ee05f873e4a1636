package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The statuses that a call counts as success: {@code "2xx"}, {@code "200"}, {@code "200-204"}. */
record SuccessStatus(List<Range> ranges) {

  record Range(int first, int last) {}

  /** What counts where nothing is said. */
  static final SuccessStatus DEFAULT = new SuccessStatus(List.of(new Range(200, 299)));

  static SuccessStatus of(JsonNode list) {
    List<Range> ranges = new ArrayList<>();
    list.forEach(entry -> ranges.add(range(entry.asText().toLowerCase(Locale.ROOT))));
    return new SuccessStatus(List.copyOf(ranges));
  }

  private static Range range(String text) {
    int dash = text.indexOf('-');
    String first = dash < 0 ? text : text.substring(0, dash);
    String last = dash < 0 ? text : text.substring(dash + 1);
    return new Range(
        Integer.parseInt(first.replace('x', '0')), Integer.parseInt(last.replace('x', '9')));
  }

  boolean includes(int status) {
    return ranges.stream().anyMatch(range -> range.first() <= status && status <= range.last());
  }
}
