package report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The figures of one scenario, each with one value a round, in the order in which they came. */
public final class Report {
  private final String scenario;
  private final Map<String, List<Double>> figures = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  public Report(String scenario) {
    this.scenario = scenario;
  }

  /** Adds a round's value; the name says what it is and its unit. */
  public void add(String figure, double value) {
    figures.computeIfAbsent(figure, name -> new ArrayList<>()).add(value);
  }

  /** Adds a sentence below the figures. */
  public void note(String sentence) {
    notes.add(sentence);
  }

  public Map<String, List<Double>> figures() {
    return figures;
  }

  /** The scenario's name and its figures as members of a JSON object. */
  String json() {
    return figures.entrySet().stream()
        .map(figure ->
            "      %s: {\"median\": %s, \"rounds\": [%s]}"
                .formatted(
                    Machine.quoted(figure.getKey()),
                    plain(median(figure.getValue())),
                    figure.getValue().stream()
                        .map(Report::plain)
                        .collect(Collectors.joining(", "))))
        .collect(Collectors.joining(",\n", "    " + Machine.quoted(scenario) + ": {\n", "\n    }"));
  }

  private static String plain(double value) {
    return Double.isNaN(value) ? "null" : BigDecimal.valueOf(value).toPlainString();
  }

  /** The middle one of the rounds' values, or the mean of the two in the middle. */
  public static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  static double[] range(List<Double> values) {
    var summary = values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
    return new double[] {summary.getMin(), summary.getMax()};
  }

  /** Four significant digits, without an exponent. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    double size = Math.abs(value);
    int decimals =
        size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format("%,." + decimals + "f", value);
  }

  /** An aligned Markdown table: readable as it is, and to be pasted. */
  public String table() {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {scenario, "median", "least – most"});
    figures.forEach((name, values) -> {
      double[] range = range(values);
      String spread = values.size() == 1 ? "" : number(range[0]) + " – " + number(range[1]);
      rows.add(new String[] {name, number(median(values)), spread});
    });
    int[] widths = new int[3];
    for (String[] row : rows) {
      Arrays.setAll(widths, i -> Math.max(widths[i], row[i].length()));
    }
    rows.add(
        1,
        new String[] {
          "-".repeat(widths[0]), "-".repeat(widths[1] - 1) + ":", "-".repeat(widths[2] - 1) + ":"
        });
    StringBuilder table = new StringBuilder();
    for (String[] row : rows) {
      table.append(
          ("| %-" + widths[0] + "s | %" + widths[1] + "s | %" + widths[2] + "s |%n")
              .formatted((Object[]) row));
    }
    notes.forEach(
        note -> table.append(System.lineSeparator()).append(note).append(System.lineSeparator()));
    return table.toString();
  }
}
