package io.stepwell.observation;

import static io.restassured.RestAssured.given;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What {@code /q/metrics} answered. */
record Scrape(String text) {
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

  static Scrape now() {
    return new Scrape(
        given().accept("text/plain").get("/q/metrics").then().statusCode(200).extract().asString());
  }

  /** The sum of the samples of this name that have all these labels, such as {@code a="b"}. */
  double value(String name, String... labels) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> Set.of(labels).stream().allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Our own metrics; the greatest value of a timer belongs to it. */
  Set<String> names() {
    return text.lines()
        .filter(line -> line.startsWith("# TYPE stepwell_"))
        .map(line -> line.split(" ", 4)[2])
        .filter(name -> !name.endsWith("_max"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What our own metrics are told apart by. */
  Set<String> labels() {
    return text.lines()
        .filter(line -> line.startsWith("stepwell_"))
        .flatMap(line -> LABEL.matcher(line).results())
        .map(label -> label.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
