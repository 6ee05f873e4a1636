package report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Draws throughput and latency against concurrency, as SVG. */
public final class Plot {
  private static final int WIDTH = 760;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int PANEL = 230;
  private static final int GAP = 90;
  private static final int TOP = 60;

  private final StringBuilder svg = new StringBuilder();
  private final List<Point> points;

  private Plot(List<Point> points) {
    this.points = points;
  }

  /** Rates in executions a second, times in milliseconds; a rate that was not measured is NaN. */
  public record Point(
      int clients,
      double rate,
      double waitingRate,
      double pgbench,
      double p50,
      double p95,
      double p99) {}

  /** A line of a panel. */
  private record Line(String name, String colour, String dash, ToDoubleFunction<Point> value) {}

  public static void write(Path file, List<Point> points) throws IOException {
    Files.writeString(file, new Plot(points).draw());
  }

  private String draw() {
    int height = TOP + PANEL + GAP + PANEL + 50;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d"
          font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12" fill="#222">
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(WIDTH, height, WIDTH, height));
    panel(
        TOP,
        "Executions a second, five conditions each",
        List.of(
            new Line("until all are COMPLETED", "#0b6e4f", "", Point::rate),
            new Line("each client waits for its own", "#1f78b4", "", Point::waitingRate),
            new Line("pgbench, seven commits each", "#888888", "5 4", Point::pgbench)));
    panel(
        TOP + PANEL + GAP,
        "From execute to COMPLETED, ms (each client waits for its own)",
        List.of(
            new Line("p50", "#1f78b4", "", Point::p50),
            new Line("p95", "#e08214", "", Point::p95),
            new Line("p99", "#b2182b", "", Point::p99)));
    text((LEFT + WIDTH - RIGHT) / 2.0, height - 12, "middle", "", "clients at once");
    return svg.append("</svg>\n").toString();
  }

  private void panel(int top, String title, List<Line> lines) {
    double most =
        lines.stream()
            .flatMapToDouble(line -> points.stream().mapToDouble(line.value()))
            .filter(value -> !Double.isNaN(value))
            .max()
            .orElse(1);
    double step = step(most);
    double scale = Math.ceil(most / step) * step;
    text(LEFT, top - 34, "start", "font-weight=\"bold\" font-size=\"14\"", title);
    DoubleStream.iterate(0, value -> value <= scale * 1.0001, value -> value + step)
        .forEach(value -> {
          double y = y(top, value, scale);
          svg.append(
              "<path d=\"M%d %.1f H%d\" stroke=\"#ddd\"/>%n".formatted(LEFT, y, WIDTH - RIGHT));
          text(LEFT - 8, y + 4, "end", "", Report.number(value));
        });
    for (int i = 0; i < points.size(); i++) {
      text(x(i), top + PANEL + 18, "middle", "", Integer.toString(points.get(i).clients()));
    }
    double legend = LEFT;
    for (Line line : lines) {
      draw(top, scale, line);
      svg.append(
          "<path d=\"M%.1f %d h22\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>%n"
              .formatted(legend, top - 16, line.colour(), line.dash()));
      text(legend + 28, top - 12, "start", "", line.name());
      legend += 50 + line.name().length() * 7;
    }
  }

  private void draw(int top, double scale, Line line) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < points.size(); i++) {
      double value = line.value().applyAsDouble(points.get(i));
      if (!Double.isNaN(value)) {
        double y = y(top, value, scale);
        path.append(path.isEmpty() ? "M" : "L").append("%.1f %.1f ".formatted(x(i), y));
        svg.append(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>%n"
                .formatted(x(i), y, line.colour()));
      }
    }
    svg.append(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>%n"
            .formatted(path, line.colour(), line.dash()));
  }

  /** The numbers of clients double, so they stand at equal distances. */
  private double x(int index) {
    double width = WIDTH - LEFT - RIGHT - 40;
    return LEFT + 20 + (points.size() == 1 ? width / 2 : width * index / (points.size() - 1));
  }

  private static double y(int top, double value, double scale) {
    return top + PANEL * (1 - value / scale);
  }

  /** 1, 2 or 5 times a power of ten, so that four to eight lines make the grid. */
  private static double step(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(most / 4)));
    double times = most / 4 / power;
    return power * (times >= 5 ? 5 : times >= 2 ? 2 : 1);
  }

  private void text(double x, double y, String anchor, String attributes, String content) {
    svg.append(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n"
            .formatted(x, y, anchor, attributes, content));
  }
}
